// Replaces a value that is in use: the old one lives until its last user has left.

interface Generation<T> {
  readonly value: T;
  users: number;
  readonly retired: Promise<void>;
  readonly retire: () => void;
}

/** A value that can be replaced. It tells when nobody uses the former one any more. */
export interface Generations<T> {
  readonly value: () => T;
  /** Uses the present value until `leave` is called. */
  readonly enter: () => { readonly value: T; readonly leave: () => void };
  /** Replaces the value; the promise is fulfilled when the last of those who entered before has left. */
  readonly replace: (value: T) => Promise<void>;
}

function generation<T>(value: T): Generation<T> {
  let retire = (): void => {};
  const retired = new Promise<void>((resolve) => {
    retire = resolve;
  });
  return { value, users: 0, retired, retire };
}

/** Generations of a value, the first of them in use. A generation retires after those before it. */
export function generations<T>(first: T): Generations<T> {
  let current = generation(first);
  let before: Promise<unknown> = Promise.resolve();
  return {
    value: () => current.value,
    enter: () => {
      const mine = current;
      mine.users += 1;
      return {
        value: mine.value,
        leave: () => {
          mine.users -= 1;
          if (mine.users === 0 && mine !== current) mine.retire();
        },
      };
    },
    replace: (value) => {
      const old = current;
      current = generation(value);
      if (old.users === 0) old.retire();
      const retired = Promise.all([before, old.retired]).then(() => {});
      before = retired;
      return retired;
    },
  };
}
