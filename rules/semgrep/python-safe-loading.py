import pickle

import yaml

# ruleid: python-safe-loading
yaml.load(text, Loader=yaml.Loader)
# ruleid: python-safe-loading
yaml.unsafe_load(text)
# ruleid: python-safe-loading
pickle.loads(request.data)
# ok: python-safe-loading
yaml.safe_load(text)
# ok: python-safe-loading
yaml.load(text, Loader=yaml.SafeLoader)
# ok: python-safe-loading
pickle.dumps(order)
# ok: python-safe-loading
copy = pickle.loads(pickle.dumps(order, pickle.HIGHEST_PROTOCOL))
