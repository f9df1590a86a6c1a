/**
 * PQuAKE, a post-quantum authenticated key exchange: one handshake as a pure object, octets in and octets out,
 * and the channel that protects what follows. Nothing here imports from Node; sockets, files and the native back end are in `pquake/node`.
 * @module pquake
 */
export { type Intermediate, parseIntermediate } from './certificate/authority.ts';
export type { CertificateCode } from './certificate/codes.ts';
export { allLeniencies, type Leniency, leniencies } from './certificate/leniency.ts';
export { type LeafCertificate, type ParsedCertificate, parseCertificate } from './certificate/parse.ts';
export type { Peer, Voucher } from './certificate/peerNames.ts';
export { parseRevocationList, type RevocationList } from './certificate/revocationList.ts';
export { parseTrustAnchor, type TrustAnchor } from './certificate/trustAnchor.ts';
export { type RevocationPolicy, type TrustStore, trustStore } from './certificate/trustStore.ts';
export { certificateValidator, type ValidatedCertificate } from './certificate/validate.ts';
export {
  type Channel,
  type ChannelEvent,
  type ChannelProgress,
  type ChannelStanding,
  openChannel,
} from './channel/channel.ts';
export type { ChannelCode, ChannelFailure } from './channel/failure.ts';
export { isSameSubject } from './channel/inner.ts';
export type { ChannelLimits, ChannelOptions, InnerHandshake, Padding } from './channel/options.ts';
export { ConfigurationError, type Remedy } from './configuration.ts';
export { noble } from './crypto/noble.ts';
export { nobleSuite } from './crypto/nobleSuites.ts';
export type { Concealed } from './crypto/secret.ts';
export type { KemKey, Suite, SuiteName } from './crypto/suite.ts';
export type { Checked, Failure, FailureCode, Refusal, Step } from './failure.ts';
export { draft } from './generated/constants.ts';
export { defaultChoice, type ReadingChoice, readingAxes } from './generated/keySchedule.ts';
export type { MessageName } from './generated/messages.ts';
export type { RequirementId } from './generated/requirements.ts';
export { type SuiteAlgorithms, type SuiteId, suiteTable } from './generated/suites.ts';
export type { ExpectedName, ExpectedPeer } from './handshake/expectedPeer.ts';
export {
  type Handshake,
  initiator,
  type Outcome,
  type Outgoing,
  type PresentedCertificate,
  type Progress,
  responder,
} from './handshake/handshake.ts';
export type { HedgedCoins } from './handshake/hedging.ts';
export type {
  Credentials,
  HandshakeOptions,
  InitiatorOptions,
  ResponderOptions,
} from './handshake/options.ts';
export {
  type HeldCertificates,
  type ProposalChoice,
  type ProposalId,
  type ProposedProtocol,
  proposedProtocol,
} from './handshake/proposed.ts';
export type { DirectionalKeys, Session } from './handshake/session.ts';
export type { KeyCode } from './keys/codes.ts';
export { decodePem, decodePemAll, encodePem } from './keys/pem.ts';
export { decodeKemPrivateKey } from './keys/privateKey.ts';
export type { Schedule } from './protocol/parameters.ts';
export type { Role } from './role.ts';
