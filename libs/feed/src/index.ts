export { WakeupSignal } from './wakeup-signal.js';
export { type Feed, type OnFeedError, type StoppedShard, type Subscriber } from './feed.js';
export { KafkaFeed, type KafkaFeedOptions } from './kafka-feed.js';
export { listen, type ListenOptions } from './listen.js';
export { Relay, type RelayOptions } from './relay.js';
export { relayedTo } from './relay-cursors.js';
export { StoreFeed, type StoreFeedOptions } from './store-feed.js';
