export { type Feed, type Subscriber } from './feed.js';
export { listen, type ListenOptions } from './listen.js';
export { StoreFeed, type StoreFeedOptions } from './store-feed.js';
