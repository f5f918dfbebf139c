"""One district, made once: the default size and the demo's seed."""

import numpy as np
import pytest

from gridplan.synthetic import SyntheticDistrict, make_district


@pytest.fixture(scope="session")
def made() -> SyntheticDistrict:
    return make_district(np.random.default_rng(1))
