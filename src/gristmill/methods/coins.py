"""CoIns: coarse classes by cross entropy, instances by contrast; SupCE and SupFine are its end."""

from typing import TYPE_CHECKING

from torch.nn.functional import cross_entropy

from gristmill.losses.contrast import memory_contrast, own_key
from gristmill.methods.method import Batch, Clock, Objective, Step
from gristmill.methods.query_key import QueryKeyMethod

if TYPE_CHECKING:
    from gristmill.parameters import coins


class CoIns(QueryKeyMethod):
    """w SupCE + (1 - w) SelfCon (in the form of Feng & Patras, CVPR 2023).

    w = 1 is SupCE: cross entropy of the query view's class logits. Its contrastive branch still runs: the projector
    is in the loss with weight zero and therefore decays, as in the released code. On a task whose label is the fine
    class that is SupFine, the upper bound.
    """

    settings: "coins.Train"

    def step(self, batch: Batch, now: Clock) -> Step:
        loss, memory = self.settings.loss, self.memory
        logits, query, key = self.encode(batch.train)               # N x C; N x D each
        classes = cross_entropy(logits, batch.train.label)
        if loss.temperature is None:                                # w = 1: no temperature has any influence
            instances = 0 * query.sum()
        else:
            own = own_key(key, memory.keys)
            instances = memory_contrast(query, key, memory.keys, loss.temperature, own).mean()
        parts = {"class_loss": classes.detach(), "instance_loss": instances.detach()}
        yield Objective(loss.w * classes + (1 - loss.w) * instances, parts=parts, outputs=query)
        memory.push(key, batch.train.label)
