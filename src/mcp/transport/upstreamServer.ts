// The server behind a front: what is asked of it, and what comes back.
import { request as httpRequest, type IncomingMessage, type OutgoingHttpHeaders } from 'node:http';

export interface Asking {
  readonly upstream: URL;
  readonly method: string | undefined;
  readonly headers: OutgoingHttpHeaders;
  readonly body: Uint8Array | undefined;
  /** Milliseconds until the answer begins. */
  readonly answerTimeout: number;
  /** The answer is not waited for any more: the server is told by the end of the request. */
  readonly gone: AbortSignal;
}

/** The server did not answer in time. */
export class UpstreamLate extends Error {
  override readonly name = 'UpstreamLate';
  readonly code = 'upstream-late';
}

/** Asks the server. Resolves with its answer; rejects when there is none in time. */
export function ask({ upstream, method, headers, body, answerTimeout, gone }: Asking): Promise<IncomingMessage> {
  const all = body === undefined ? headers : { ...headers, 'content-length': body.length };
  return new Promise((resolve, reject) => {
    const asked = httpRequest(upstream, { method, headers: all });
    const end = (): void => void asked.destroy();
    const late = setTimeout(() => asked.destroy(new UpstreamLate('the server did not answer in time')), answerTimeout);
    asked.on('response', (answer) => {
      clearTimeout(late);
      resolve(answer);
    });
    asked.on('error', (error) => {
      clearTimeout(late);
      reject(error);
    });
    asked.once('close', () => gone.removeEventListener('abort', end));
    if (gone.aborted) end();
    else gone.addEventListener('abort', end);
    asked.end(body);
  });
}
