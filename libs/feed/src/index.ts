export type { Feed, OnFeedError, StoppedShard, Subscriber } from './feed.js';
export { KafkaFeed } from './kafka-feed.js';
export { relayedTo } from './relay/relay-cursors.js';
export { Relay } from './relay/relay.js';
export { StoreFeed } from './store-feed.js';
