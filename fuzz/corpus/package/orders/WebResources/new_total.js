function total(rows) {
  return rows.reduce((sum, row) => sum + row.amount, 0);
}
