/** What an answer is rejected with; undefined where it is not. */
export function errorOf(answer: Promise<unknown>): Promise<Error | undefined> {
  return answer.then(
    () => undefined,
    (error: Error) => error,
  );
}
