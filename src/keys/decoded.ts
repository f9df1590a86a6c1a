/** What a decoder of files answers: the value, or the reason for people why there is none. No reason holds secrets. */
export type Decoded<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly reason: string };

/** There is a value. */
export const decoded = <T>(value: T): Decoded<T> => ({ ok: true, value });

/** There is none. */
export const undecoded = (reason: string): { readonly ok: false; readonly reason: string } => ({ ok: false, reason });
