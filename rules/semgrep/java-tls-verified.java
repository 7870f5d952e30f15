class Shop {
  void clients(HttpsURLConnection connection, Builder builder) {
    // ruleid: java-tls-verified
    connection.setHostnameVerifier((host, session) -> true);
    // ruleid: java-tls-verified
    builder.setSSLHostnameVerifier(NoopHostnameVerifier.INSTANCE);
    // ok: java-tls-verified
    builder.setSSLHostnameVerifier(new DefaultHostnameVerifier());
  }
}

class Anyone implements X509TrustManager {
  // ruleid: java-tls-verified
  public void checkServerTrusted(X509Certificate[] chain, String type) {}
}

class Known implements X509TrustManager {
  // ok: java-tls-verified
  public void checkServerTrusted(X509Certificate[] chain, String type) throws CertificateException {
    inner.checkServerTrusted(chain, type);
  }
}
