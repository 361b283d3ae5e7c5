"""goldleaf's drafts as a model of label-studio-ml."""

from label_studio_ml.model import LabelStudioMLBase

from goldleaf.backend.label_studio_ml.model_mixin import GoldleafModel


class Goldleaf(GoldleafModel, LabelStudioMLBase):
    """Drafts by goldleaf's predictor; `fit` hands events to goldleaf's training."""
