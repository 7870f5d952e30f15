import urllib.request

import requests

# ruleid: python-http-timeout
requests.get("https://shop.example.com/orders")
# ruleid: python-http-timeout
urllib.request.urlopen("https://shop.example.com/orders")
# ok: python-http-timeout
requests.get("https://shop.example.com/orders", timeout=10)
# ok: python-http-timeout
requests.post("https://shop.example.com/orders", **options)
# ok: python-http-timeout
orders.get("https://shop.example.com/orders")
with Timeout(seconds=5):
    # ok: python-http-timeout
    requests.get("https://example.org/")
