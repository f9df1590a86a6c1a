/**
 * Model Context Protocol between peers that PQuAKE authenticates.
 * @module pquake-mcp
 */

export type {
  AccessRequest,
  Assurance,
  Decision,
  DenyReason,
  Principal,
  RecordedEvent,
  Recorder,
  TraceContext,
  VerifiedEvent,
} from './contract.ts';
export {
  type Action,
  defaultLimits,
  encode,
  errorCodes,
  type Gate,
  type GateLimits,
  type GateParts,
  gate,
  peerMetaKey,
} from './gate/index.ts';
export { ModelError, type ModelsOptions, type ModelToVerify } from './governing/models.ts';
export { modelNotVerified, requireVerified, type Verified, type VerifiedOptions } from './governing/verified.ts';
export { type Explanation, type Policy, readPolicy } from './policy/policy.ts';
export type { Limits, Reauthentication } from './policy/terms.ts';
export { accountOf, type Usage, usageCounters } from './policy/usage.ts';
export { type PolicyWatchOptions, type WatchedPolicy, watchPolicy } from './policy/watch.ts';
export type { Head } from './record/entry.ts';
export type { FaultKind, Finding, NoticeKind } from './record/judge.ts';
export { nameForProcess } from './record/names.ts';
export { type FileRecorder, type RecordCode, RecordError, type RecordOptions } from './record/options.ts';
export { recordFile } from './record/recorder.ts';
export { type TelemetryOptions, withTelemetry } from './record/telemetry.ts';
export { type Expected, type Verification, type VerifiedRecord, verifyRecords } from './record/verify.ts';
export type { Backoff } from './resilience/backoff.ts';
export { type ProcessEvent, type ProcessesOptions, processNumber, runProcesses } from './resilience/cluster.ts';
export type { EndCode } from './resilience/healing.ts';
export { type Patience, type PeerCode, PeerError, watchPeer } from './resilience/patience.ts';
export {
  type Dialled,
  ReconnectingError,
  type ReconnectingEvent,
  type ReconnectingOptions,
  reconnecting,
} from './resilience/reconnecting.ts';
export { endInOrder, onEndSignals, type Signalled } from './resilience/shutdown.ts';
export { type Change, type Difference, differencesOf } from './tools/differences.ts';
export { pinsFile, readManifest, readPins } from './tools/files.ts';
export { type GuardOptions, type ToolsGuard, type ToolsJudgement, toolsGuard } from './tools/guard.ts';
export { type Declared, type Manifest, type ManifestCode, manifestOf, type Part } from './tools/manifest.ts';
export { type Comparison, compareWithPins, type Pin, type Pins, type ServerIdentity } from './tools/pins.ts';
export { type KnownServer, type ManifestStatement, manifestPredicateType } from './tools/signed.ts';
export { type SignedManifestCode, signedManifestCodes } from './tools/signedCodes.ts';
export {
  ManifestError,
  type ManifestSigner,
  type ManifestSource,
  type ManifestSourceOptions,
  manifestSource,
  readSignedManifest,
  type SignedManifest,
  signManifest,
  signManifestAgain,
} from './tools/signedFiles.ts';
export { type SignedGuard, type SignedGuardOptions, signedGuard } from './tools/signedGuard.ts';
export { readSigners, type SignerFiles, type Signers } from './tools/signers.ts';
export { differenceLines, differenceTitle } from './tools/words.ts';
export { authInfoOf, principalFrom } from './transport/authInfo.ts';
export { type ChannelFetch, type ChannelFetchOptions, channelFetch } from './transport/channelFetch.ts';
export {
  type ClientOverChannel,
  type ClientOverChannelOptions,
  connectOverChannel,
  HandshakeError,
  openedChannel,
  type ResponseCaches,
  responseCaches,
} from './transport/connectOverChannel.ts';
export type { AnswerJudgement, Exchange, ExchangeEnd, ExchangeJudgement } from './transport/exchange.ts';
export { type FramingCode, FramingError } from './transport/framingError.ts';
export { type Guarded, guardedTransport, type MessageGuard, refusedCode } from './transport/guarded.ts';
export {
  channelUrl,
  type FetchHandler,
  type HttpOverChannelOptions,
  httpOverChannel,
} from './transport/httpOverChannel.ts';
export type { HttpServer } from './transport/httpServer.ts';
export {
  type AssuranceReader,
  identityOf,
  type OpenChannel,
  type PeerIdentity,
  principalOf,
  principalOn,
} from './transport/principal.ts';
export { channelTransport, type Served, type ServeOptions, serveOverChannel } from './transport/serveOverChannel.ts';
export {
  type Framed,
  type MessageSplitter,
  type NoMessage,
  type SplitOptions,
  splitMessages,
} from './transport/splitMessages.ts';
export { type StreamTransportOptions, streamTransport } from './transport/streamTransport.ts';
export { type UpstreamOptions, upstreamFront } from './transport/upstream.ts';
