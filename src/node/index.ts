/**
 * PQuAKE over TCP on Node: sessions, files, and the choice of a back end.
 * @module pquake/node
 */
export { backUpAuthority, restoreAuthority } from './backup.ts';
export {
  type Approval,
  approveRequest,
  challengeRequest,
  requestCertificate,
  respondToChallenge,
} from './enrolment.ts';
export { EnrolmentError } from './enrolmentError.ts';
export {
  readCertificate,
  readCredentials,
  readIntermediates,
  readPreSharedSecret,
  readRevocationLists,
  readTrustAnchors,
  readTrustStore,
  type TrustFiles,
} from './files.ts';
export { type FileWarning, onFileWarning } from './fileWarnings.ts';
export type { IntakeOptions, Overload } from './intake.ts';
export { changePassphrase, generateKeyFile, inspectKeyFile, type KeyInspection } from './keyFiles.ts';
export { keyLogFile } from './keyLog.ts';
export { type KeyAccess, PassphraseError } from './keys.ts';
export { createAuthority, issueCredentials } from './pki.ts';
export { renewCertificate, rotateCredentials } from './renewal.ts';
export { revokeCertificates, writeRevocationList } from './revocation.ts';
export { type ShownCertificate, showCertificate } from './show.ts';
export { type HandshakeResult, handshakeOver, type Observation, type StreamOptions, type Timeouts } from './stream.ts';
export { chooseSuite } from './suite.ts';
export {
  type Address,
  type ConnectOptions,
  connect,
  type Listener,
  type ListenOptions,
  listen,
  type Renewable,
  type TcpResult,
} from './tcp.ts';
export type { Show, ToBeSigned } from './toBeSigned.ts';
