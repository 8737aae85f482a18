/** Sorts by the bytes of the keys, as S3 lists them. */
export const sortByKey = <Keyed extends { readonly key: string }>(objects: Keyed[]): Keyed[] =>
  sortByText(objects, ({ key }) => key);

/** Sorts by bytes. */
export const sortNames = (names: string[]): string[] => sortByText(names, (name) => name);

/** UTF-16 order, which is much faster than that of bytes, is the same unless a text holds a surrogate pair. */
function sortByText<Item>(items: Item[], text: (item: Item) => string): Item[] {
  const plain = items.every((item) => !/[\ud800-\udfff]/.test(text(item)));
  if (plain) return items.sort((a, b) => (text(a) < text(b) ? -1 : text(a) > text(b) ? 1 : 0));
  return items.sort((a, b) => Buffer.compare(Buffer.from(text(a)), Buffer.from(text(b))));
}
