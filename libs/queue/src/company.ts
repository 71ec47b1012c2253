/**
 * Who may be in work together on one worker: any number of jobs, or one that has to be alone. In the order of arrival, so
 * neither kind waits for ever.
 */
export class Company {
  readonly #waiting: { readonly alone: boolean; readonly enter: () => void }[] = [];
  #inside = 0;
  #closed = false;

  /** Resolves when the job may begin; the result is called when it has ended, however it ended. */
  async enter({ alone }: { alone: boolean }): Promise<() => void> {
    await new Promise<void>((enter) => {
      this.#waiting.push({ alone, enter });
      this.#admit();
    });
    return () => {
      this.#inside -= 1;
      if (this.#inside === 0) this.#closed = false;
      this.#admit();
    };
  }

  #admit(): void {
    for (let next = this.#waiting[0]; next && !this.#closed && (!next.alone || this.#inside === 0); next = this.#waiting[0]) {
      this.#waiting.shift();
      this.#inside += 1;
      this.#closed = next.alone;
      next.enter();
    }
  }
}
