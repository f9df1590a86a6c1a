// Errors of the network in plain words: what was looked for or connected to, and the reason.

/** The words for the errors that people meet, by the code of the system; `at` is HOST:PORT. */
const words: Readonly<Record<string, (at: string, host: string) => string>> = {
  ENOTFOUND: (_, host) => `no host ${host} is found`,
  EAI_AGAIN: (_, host) => `the name ${host} cannot be looked up now`,
  ECONNREFUSED: (at) => `nothing listens at ${at}`,
  ECONNRESET: () => 'the other side broke the connection',
  EPIPE: () => 'the other side broke the connection',
  ETIMEDOUT: (at) => `no answer from ${at}`,
  EHOSTUNREACH: (_, host) => `the host ${host} cannot be reached`,
  ENETUNREACH: (_, host) => `no network leads to ${host}`,
  EADDRINUSE: (at) => `something listens at ${at} already`,
  EADDRNOTAVAIL: (_, host) => `${host} is no address of this machine`,
  EACCES: (at) => `this user may not use ${at}`,
  EPERM: (at) => `this user may not use ${at}`,
};

/** HOST:PORT; an IPv6 host stands in brackets. */
function shown(host: string, port: number | undefined): string {
  if (port === undefined) return host;
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}

/** The reason of an error, in words; the code of the system stands behind them, to be looked up. */
export function networkReason(error: NodeJS.ErrnoException, host = 'the peer', port?: number): string {
  const { code } = error;
  const inWords = code === undefined ? undefined : words[code]?.(shown(host, port), host);
  if (inWords !== undefined) return `${inWords} (${code})`;
  return error.message;
}
