/**
 * PQuAKE over TCP on Node: sessions, files, and the choice of a back end.
 * @module pquake/node
 */
export { backUpAuthority, restoreAuthority } from './authority/backup.ts';
export {
  type Approval,
  approveRequest,
  challengeRequest,
  requestCertificate,
  respondToChallenge,
} from './authority/enrolment.ts';
export { EnrolmentError } from './authority/enrolmentError.ts';
export { changePassphrase, generateKeyFile, inspectKeyFile, type KeyInspection } from './authority/keyFiles.ts';
export { createAuthority, type Issuing, issueCredentials } from './authority/pki.ts';
export { renewCertificate, rotateCredentials } from './authority/renewal.ts';
export { revokeCertificates, writeRevocationList } from './authority/revocation.ts';
export { type ShownCertificate, showCertificate } from './authority/show.ts';
export { issueSigner } from './authority/signers.ts';
export type { Show, ToBeSigned } from './authority/toBeSigned.ts';
export {
  readCertificate,
  readCredentials,
  readIntermediates,
  readPreSharedSecret,
  readRevocationLists,
  readTrustAnchors,
  readTrustStore,
  type TrustFiles,
} from './files/files.ts';
export { type FileWarning, onFileWarning } from './files/fileWarnings.ts';
export { keyLogFile } from './files/keyLog.ts';
export { type KeyAccess, PassphraseError } from './files/keys.ts';
export { chooseSuite } from './suite.ts';
export { ChannelError } from './transport/channelError.ts';
export type { IntakeOptions, Overload } from './transport/intake.ts';
export { type ChannelPeer, type SecuredStream, secured } from './transport/secured.ts';
export type { ChannelSettings, ReauthenticationPolicy, SecuredOptions } from './transport/securedOptions.ts';
export {
  type HandshakeResult,
  handshakeOver,
  type Observation,
  type StreamOptions,
  type Timeouts,
} from './transport/stream.ts';
export {
  type Address,
  type Connection,
  type ConnectOptions,
  connect,
  type Listener,
  type ListenOptions,
  listen,
  type Renewable,
  type SecuredResult,
  type TcpResult,
} from './transport/tcp.ts';
export { type WorkerCode, WorkerError } from './transport/workers/workerError.ts';
