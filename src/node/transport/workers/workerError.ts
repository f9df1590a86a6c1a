/** Why a worker did not finish a handshake: it ended, or an error within it. Neither the peer nor the protocol caused it. */
export type WorkerCode = 'worker-ended' | 'worker-threw';

/** A handshake that was lost with the worker that computed it. */
export class WorkerError extends Error {
  override readonly name = 'WorkerError';
  /** Stable code. */
  readonly code: WorkerCode;

  constructor(code: WorkerCode, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.code = code;
  }
}
