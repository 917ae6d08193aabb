/** Who records a session, among the windows of a tablet. */

/** The name of the lock that the writer of a session holds. */
export function nameOf(session: string): string {
  return `rec:${session}`;
}

/** Takes a Web Lock for as long as `release` is not called; null when somebody else has it. */
export function take(locks: LockManager | null | undefined, name: string): Promise<(() => void) | null> {
  if (!locks) return Promise.resolve(() => undefined);
  return new Promise((resolve, reject) => {
    locks
      .request(name, { ifAvailable: true }, (lock) => {
        if (!lock) {
          resolve(null);
          return undefined;
        }
        return new Promise<void>((release) => resolve(release));
      })
      .catch(reject);
  });
}
