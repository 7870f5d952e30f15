class Orders {
  void find(Statement statement, Connection connection, String id) {
    // ruleid: java-sql-parameters
    statement.executeQuery("SELECT * FROM orders WHERE id = '" + id + "'");
    // ruleid: java-sql-parameters
    statement.execute(String.format("DELETE FROM orders WHERE id = '%s'", id));
    // ok: java-sql-parameters
    connection.prepareStatement("SELECT * FROM orders WHERE id = ?");
    // ok: java-sql-parameters
    runner.execute("order-" + id);
  }
}
