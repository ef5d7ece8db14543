export type { Feed, OnFeedError, StoppedShard, Subscriber } from './feed.js';
export { KafkaFeed, type KafkaFeedOptions } from './kafka-feed.js';
export { relayedTo } from './relay/relay-cursors.js';
export { Relay, type RelayOptions } from './relay/relay.js';
export { StoreFeed, type StoreFeedOptions } from './store-feed.js';
