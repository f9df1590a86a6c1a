// What happens to each message between a peer and a server.
export { errorCodes, errorTo, errorToUnread, type Id, peerMetaKey } from './codes.ts';
export {
  type Action,
  defaultLimits,
  type Gate,
  type GateLimits,
  type GateParts,
  type Guard,
  type GuardJudgement,
} from './contract.ts';
export { gate } from './gate.ts';
export { encode, type UnderWay, underWay } from './state.ts';
