// Which headers cross a front, in both directions. What is not named here does not.
import type { IncomingHttpHeaders, OutgoingHttpHeaders } from 'node:http';
import type { Principal } from '../contract.ts';

/** Of a request: what the protocol reads, and the conventions of tracing. No token, no cookie, nothing hop-by-hop, no address. */
const ofRequests = [
  'accept',
  'accept-language',
  'content-type',
  'last-event-id',
  'user-agent',
  'traceparent',
  'tracestate',
  'baggage',
] as const;

/** Of an answer. No cookie, and no challenge that sends a client to another server for a token. */
const ofAnswers = [
  'allow',
  'cache-control',
  'content-encoding',
  'content-language',
  'content-type',
  'retry-after',
  'vary',
] as const;

/** Headers of the protocol itself, `Mcp-Method`, `Mcp-Param-...` and so on. */
const protocolPrefix = 'mcp-';

/** How servers that read headers as variables see a name: `A_B`, `a-b` and `A-B` are one. */
const comparable = (name: string): string => name.toLowerCase().replaceAll('_', '-');

/** Characters that a header carries as they are; all others, and the percent sign, are escaped. */
const escaped = (text: string): string => text.replace(/[^\x20-\x24\x26-\x7e]/gu, encodeURIComponent);

export interface HeaderOptions {
  /** The header in which the upstream server finds the identity of the peer. Default `pquake-peer`. */
  readonly identityHeader?: string | undefined;
  /** Headers of requests that cross too, lower case: `authorization`, say, for a server that checks its own tokens. Default none. */
  readonly alsoForward?: readonly string[] | undefined;
  /** Headers that the front sends with every request, such as its own secret, by which the server knows the front. */
  readonly ownHeaders?: Readonly<Record<string, string>> | undefined;
}

/** The identity as headers: its name, and with suffixes the digest of its certificate and the channel binding. */
function identityHeaders(principal: Principal, name: string): OutgoingHttpHeaders {
  return {
    [name]: escaped(principal.identity),
    [`${name}-certificate`]: principal.certificateDigest,
    [`${name}-binding`]: principal.channelBinding,
  };
}

/**
 * The headers of a request to the upstream server. A header of the peer whose name is or begins with that of the identity, in any case and
 * with underscores, never crosses.
 */
export function forwardedHeaders(
  headers: IncomingHttpHeaders,
  principal: Principal,
  options: HeaderOptions,
): OutgoingHttpHeaders {
  const { identityHeader = 'pquake-peer', alsoForward = [], ownHeaders = {} } = options;
  const permitted: readonly string[] = [...ofRequests, ...alsoForward.map((name) => name.toLowerCase())];
  const reserved = [identityHeader, ...Object.keys(ownHeaders)].map(comparable);
  const isReserved = (name: string): boolean => reserved.some((one) => comparable(name).startsWith(one));
  const crossing = Object.entries(headers).filter(
    ([name]) =>
      (permitted.includes(name) || (name.startsWith(protocolPrefix) && !name.includes('_'))) && !isReserved(name),
  );
  return Object.assign(Object.fromEntries(crossing), ownHeaders, identityHeaders(principal, identityHeader));
}

/** The headers of an answer to the peer. */
export function answeredHeaders(headers: IncomingHttpHeaders): OutgoingHttpHeaders {
  const permitted: readonly string[] = ofAnswers;
  return Object.fromEntries(
    Object.entries(headers).filter(([name]) => permitted.includes(name) || name.startsWith(protocolPrefix)),
  );
}
