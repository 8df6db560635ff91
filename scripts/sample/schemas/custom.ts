/** `data/custom.db`: left behind by an example script. */
export const customSchema = /* sql */ `
CREATE TABLE products (
  id INTEGER PRIMARY KEY,
  name TEXT,
  price REAL
);
`;
