"""A root → its artifacts with their formats, and the environments its layout speaks of."""

from linter.discovery.environments import environment_named as environment_named
from linter.discovery.environments import environment_of as environment_of
from linter.discovery.environments import environments_in as environments_in
from linter.discovery.walk import Discovery as Discovery
from linter.discovery.walk import discover as discover
