/** Runs the action of a command; what makes it impossible is reported, and decides the exit status. */
export type Guarded = (json: boolean | undefined, action: () => number | Promise<number>) => Promise<void>;
