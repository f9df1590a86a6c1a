// Binds a server to an address.
import { lstatSync, unlinkSync } from 'node:fs';
import { connect, type Server } from 'node:net';
import { ConfigurationError } from '../../configuration.ts';
import { type Address, addressText } from './network.ts';
import { networkReason } from './networkErrors.ts';

/**
 * The backlog: connections that the system queues until they are accepted. Beyond it peers try again a second later, so
 * more than the connections of a second would not help.
 */
const backlog = 1_024;

function tryToBind(server: Server, { host, port, path }: Address): Promise<NodeJS.ErrnoException | undefined> {
  return new Promise((resolve) => {
    server.once('error', resolve).listen({ ...(path === undefined ? { host, port } : { path }), backlog }, () => {
      server.off('error', resolve);
      resolve(undefined);
    });
  });
}

/** Whether a path is a socket at which nobody listens: what a process left behind that was killed. */
function isLeftBehind(path: string): Promise<boolean> {
  if (lstatSync(path, { throwIfNoEntry: false })?.isSocket() !== true) return Promise.resolve(false);
  return new Promise((resolve) => {
    const probe = connect({ path })
      .once('connect', () => {
        probe.destroy();
        resolve(false);
      })
      .once('error', ({ code }: NodeJS.ErrnoException) => resolve(code === 'ECONNREFUSED'));
  });
}

/**
 * Binds a server. A Unix socket at which nobody listens any more is replaced.
 * @returns the address, with the chosen port when it was 0
 * @throws ConfigurationError (as a rejection) when the address cannot be bound
 */
export async function bind(server: Server, at: Address): Promise<Address> {
  let error = await tryToBind(server, at);
  if (error?.code === 'EADDRINUSE' && at.path !== undefined && (await isLeftBehind(at.path))) {
    unlinkSync(at.path);
    error = await tryToBind(server, at);
  }
  if (error !== undefined) {
    const reason = at.path === undefined ? networkReason(error, at.host, at.port) : networkReason(error, at.path);
    throw new ConfigurationError(`cannot listen on ${addressText(at)}: ${reason}`);
  }
  const bound = server.address();
  if (typeof bound === 'object' && bound !== null) return { host: bound.address, port: bound.port };
  return at.path === undefined ? at : { host: '', port: 0, path: at.path };
}
