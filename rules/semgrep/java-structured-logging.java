class Checkout {
  void order() {
    try {
      send();
    } catch (IOException e) {
      // ruleid: java-structured-logging
      e.printStackTrace();
      // ok: java-structured-logging
      log.error("order failed", e);
    }
  }
}
