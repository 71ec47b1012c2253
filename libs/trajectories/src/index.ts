export { AnchorKeys, type AnchorOf } from './anchor-key.js';
export type { Clock } from './clock.js';
export { FleetAnchors, type FleetAnchorsOptions } from './fleet-anchors.js';
export type { ElementType, FrameForm } from './frame.js';
export type { Claim, FrameStore } from './frame-store.js';
export { Recent } from './recent.js';
export { RecentAnchors } from './recent-anchors.js';
export { resultKey } from './result-key.js';
export type { LookupResult, TierListener } from './tier.js';
