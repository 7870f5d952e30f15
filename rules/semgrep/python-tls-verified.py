import ssl

import requests

# ruleid: python-tls-verified
requests.get("https://shop.example.com", verify=False, timeout=5)
session = requests.Session()
# ruleid: python-tls-verified
session.verify = False
context = ssl.create_default_context()
# ruleid: python-tls-verified
context.verify_mode = ssl.CERT_NONE
# ok: python-tls-verified
session.verify = "/etc/ssl/shop.pem"
# ok: python-tls-verified
requests.get("https://shop.example.com", verify="/etc/ssl/shop.pem", timeout=5)
# ok: python-tls-verified
context.verify_mode = ssl.CERT_REQUIRED

if settings.tls_insecure_skip_verify:
    context = ssl.create_default_context()
    # ok: python-tls-verified
    context.verify_mode = ssl.CERT_NONE
