import type { ChannelCode, ChannelFailure } from '../../channel/failure.ts';

/** Why a channel failed, as the error of its stream. */
export class ChannelError extends Error {
  override readonly name = 'ChannelError';
  /** Stable code, one of those in spec/channel.md. */
  readonly code: ChannelCode;
  readonly failure: ChannelFailure;

  constructor(failure: ChannelFailure) {
    super(failure.message, { cause: failure.cause });
    this.code = failure.code;
    this.failure = failure;
  }
}
