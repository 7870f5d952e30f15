class Carts {
  Object load(InputStream body) throws Exception {
    // ruleid: java-safe-loading
    ObjectInputStream in = new ObjectInputStream(body);
    return in.readObject();
  }

  Object loadFiltered(InputStream body, ObjectInputFilter carts) throws Exception {
    // ok: java-safe-loading
    ObjectInputStream in = new ObjectInputStream(body);
    in.setObjectInputFilter(carts);
    return in.readObject();
  }
}
