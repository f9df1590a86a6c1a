// The authenticated peer in the form in which the SDK gives it to handlers.
import type { AuthInfo } from '@modelcontextprotocol/server';
import type { Principal } from '../contract.ts';

/**
 * Returns the authentication of a principal: `ctx.http.authInfo` of handlers. There is no token: who it is was proved by the handshake.
 * `clientId` is the identity, `expiresAt` the end of its certificate in seconds, and `extra` the principal itself.
 */
export function authInfoOf(principal: Principal): AuthInfo {
  const { identity, notAfter } = principal;
  return {
    token: '',
    clientId: identity,
    scopes: [],
    expiresAt: Math.floor(notAfter.getTime() / 1_000),
    extra: Object.assign<Record<string, unknown>, Principal>({}, principal),
  };
}

/** Frozen, as all requests of a connection have the same. */
function frozen(authInfo: AuthInfo): AuthInfo {
  Object.freeze(authInfo.scopes);
  Object.freeze(authInfo.extra);
  return Object.freeze(authInfo);
}

/** Returns a function that tells the authentication as it stands now. It is made anew when the principal is another one. */
export function authInfoOn(principal: () => Principal): () => AuthInfo {
  let of = principal();
  let authInfo = frozen(authInfoOf(of));
  return () => {
    if (of !== principal()) {
      of = principal();
      authInfo = frozen(authInfoOf(of));
    }
    return authInfo;
  };
}

/**
 * The principal of a request, from `ctx.http?.authInfo` of a handler. Undefined when another binding made it.
 * @example
 * server.registerTool('who', { inputSchema }, (_arguments, ctx) => ({
 *   content: [{ type: 'text', text: principalFrom(ctx.http?.authInfo)?.identity ?? 'nobody' }],
 * }));
 */
export function principalFrom(authInfo: AuthInfo | undefined): Principal | undefined {
  const extra = authInfo?.extra;
  return typeof extra?.['channelBinding'] === 'string' ? (extra as unknown as Principal) : undefined;
}
