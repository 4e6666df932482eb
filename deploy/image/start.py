"""What a service's container runs: the service of this image, with the verb it is given."""

import os
import runpy
import sys

sys.path.insert(0, "/app")
runpy.run_module(os.environ["KULANSE_SERVICE"], run_name="__main__", alter_sys=True)
