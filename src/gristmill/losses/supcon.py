"""Contrast among the views of one batch: supervised (SupCon), and without labels SimCLR's NT-Xent."""

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, inf
from torch.autograd import Function

from gristmill.losses.similarity import similarity

Positives = Callable[[slice], Tensor]  # rows of the anchors -> n x M weights, >= 0; an anchor's own is not read
BLOCK = 4_000_000  # values of one block of rows x M: 16 MB in float32, so that it stays near the processor
FEW = 1e-6  # an anchor whose positives weigh less has none


def supcon_loss(
    features: Tensor,
    labels: Tensor | None = None,
    mask: Tensor | None = None,
    *,
    temperature: float,
    base_temperature: float,
    summation: str = "out",
    denominator: str = "all",
    contrast: str = "all",
) -> Tensor:
    """Every anchor against all other views of the batch (Khosla et al., NeurIPS 2020, arXiv 2004.11362, eq. 2 and 3).

    With z the rows of the batch, P_i the positives of anchor i, n_i = |P_i|, and A_i all rows but i itself:
        L_out,i = - (T / T_base) 1/n_i sum_{p in P_i} log( exp(z_i.z_p / T) / D_ip )
        L_in,i  = - (T / T_base) log( 1/n_i sum_{p in P_i} exp(z_i.z_p / T) / D_ip )
        D_ip = sum_{a in A_i} exp(z_i.z_a / T)  (`all`);  p itself and the negatives alone  (`one_positive`);
               the negatives alone  (`only_negatives`)
    Positives are all rows with the anchor's label except itself; without labels the other views of its image alone.

    Args:
        features: B x V x ...: V views of B images. The network normalizes them, this function does not.
        labels: B; a negative one is none, and such an image has its own views alone as positives.
        mask: B x B instead of labels: the weight that image j has as a positive of image i; neither symmetry nor whole
            numbers are needed, n_i is their sum. Negatives are the rows of weight 0.
        temperature: T > 0.
        base_temperature: T_base, a scale and no more: 0.07 in the released PyTorch code whatever T is, 1 in the
            released TensorFlow code.
        summation: `out` (what the paper trains with) or `in`, whose logarithm lets one near positive do.
        denominator: `all`, `one_positive`, `only_negatives`.
        contrast: whose rows are anchors: `all` views, or the first view (`one`).

    Returns:
        A * B losses, A = V or 1, all images of the first view first. The paper's loss is their mean: an anchor without
        positives contributes 0 and still counts; with `only_negatives` so does one without negatives, whose loss has no
        lower bound. Half precision is computed, and returned, in float32.

    Raises:
        ValueError: labels and a mask together, fewer than 3 dimensions, labels or mask of another size, or one image in
            one view, which has nothing to be compared with.

    In no form does anything of size (A B) x (V B) outlive its block of anchors; the backward pass computes the blocks
    once more.
    """
    if features.dim() < 3:
        raise ValueError(f"features are B x V x ..., not of shape {tuple(features.shape)}")
    images, views = features.shape[:2]
    if labels is not None and mask is not None:
        raise ValueError("labels and a mask: positives come from one of them")
    if labels is not None and labels.shape != (images,):
        raise ValueError(f"labels of shape {tuple(labels.shape)} for {images} images")
    if mask is not None and mask.shape != (images, images):
        raise ValueError(f"a mask of shape {tuple(mask.shape)} for {images} images")
    if images * views == 1:
        raise ValueError("one view of one image has nothing to be compared with")
    rows = features.transpose(0, 1).reshape(images * views, -1)  # V B x C: row v B + i is view v of image i
    rows = rows.to(torch.promote_types(rows.dtype, torch.float32))
    image = torch.arange(images * views, device=rows.device) % images
    alone = torch.arange(-images, 0, device=rows.device)  # a label of its own for each image
    known = alone if labels is None else torch.where(labels < 0, alone, labels)

    def positives(anchors: slice) -> Tensor:
        own = image[anchors]
        if mask is not None:
            return mask[own].to(rows.dtype).repeat(1, views)
        return (known[own][:, None] == known).to(rows.dtype).repeat(1, views)

    anchors = {"all": images * views, "one": images}[contrast]
    losses = batch_contrast(rows, anchors, positives, temperature, summation, denominator)
    return losses * (temperature / base_temperature)


def ntxent_loss(
    first: Tensor, second: Tensor, temperature: float, reduction: str = "mean", base_temperature: float | None = None
) -> Tensor:
    """NT-Xent: each view finds the other one among all views of the batch (Chen et al., ICML 2020, arXiv 2002.05709).

        l_i = - log( exp(z_i.z_j / T) / sum_{k != i} exp(z_i.z_k / T) ), i and j the two views of an image

    Args:
        first: N x D unit rows, one view of each image.
        second: N x D unit rows, the other view.
        temperature: T > 0.
        reduction: `mean` over the 2 N anchors (the paper, eq. 1); `sum_of_halves`: mean over the first views plus mean
            over the second ones, twice as much (the released code).
        base_temperature: T_base, a scale T / T_base and no more: 0.07 in the SimCLR of SupContrast's code; None: 1.

    Returns:
        A scalar; 0 for one image.
    """
    features = torch.stack([first, second], 1)
    losses = supcon_loss(features, temperature=temperature, base_temperature=base_temperature or temperature)
    return losses.mean() * {"mean": 1, "sum_of_halves": 2}[reduction]


def batch_contrast(
    rows: Tensor, anchors: int, positives: Positives, temperature: float, summation: str, denominator: str
) -> Tensor:
    """The first rows as anchors against all rows, each without itself: the forms of `supcon_loss` without its scale.

    Args:
        rows: M x C; gets a gradient, as anchors and as what they are compared with.
        anchors: A, how many of the rows are anchors.

    Returns:
        A losses.
    """
    return _BatchContrast.apply(rows, anchors, positives, temperature, summation, denominator)  # type: ignore[return-value]


class _BatchContrast(Function):
    @staticmethod
    def forward(
        ctx: Any, rows: Tensor, anchors: int, positives: Positives, temperature: float, *form: str
    ) -> Tensor:
        ctx.save_for_backward(rows)
        ctx.given = (anchors, positives, temperature, *form)
        losses = rows.new_empty(anchors)
        for block in blocks(anchors, len(rows)):
            logits = similarity(rows[block], rows).div_(temperature)
            losses[block] = shares(logits, positives(block), block.start, *form)[0]
        return losses

    @staticmethod
    def backward(ctx: Any, *grad_outputs: Tensor) -> tuple[Tensor | None, ...]:
        (rows,), (anchors, positives, temperature, *form) = ctx.saved_tensors, ctx.given
        own, others, columns = torch.zeros_like(rows), torch.zeros_like(rows.T), rows.T.contiguous()
        for block in blocks(anchors, len(rows)):
            logits = similarity(rows[block], rows).div_(temperature)
            error = errors(*shares(logits, positives(block), block.start, *form)[1:], denominator=form[1])
            error.mul_((grad_outputs[0][block] / temperature)[:, None])            # n x M
            own[block] = similarity(error, columns)                                # n x C, as anchors
            others += similarity(rows[block].T, error.T)                           # C x M, as company
        return own + others.T, None, None, None, None, None


def blocks(anchors: int, others: int) -> list[slice]:
    """The anchors in slices, each with about BLOCK logits."""
    step = max(1, BLOCK // others)
    return [slice(start, min(start + step, anchors)) for start in range(0, anchors, step)]


def shares(logits: Tensor, positive: Tensor, start: int, summation: str, denominator: str) -> tuple[Tensor, ...]:
    """The losses of some anchors, and what their gradient needs.

    Args:
        logits: n x M, s_j = z_i.z_j / T; overwritten.
        positive: n x M, weights M of the positives; overwritten.
        start: the first anchor's own column; the next anchor's is the next one.

    Returns:
        n losses. n x M: w, the share of each positive in the loss, 0 elsewhere; outside the logarithm M / n, inside it
        the softmax of r over the positives. n x M: r_p = s_p - log D_p, 0 elsewhere. n x M: logits of the set whose sum
        is D, of the negatives for `one_positive`, -inf elsewhere. n x 1: the logarithm of that sum, inf for an anchor
        that contributes nothing.
    """
    logits.diagonal(start).fill_(-inf)                                             # nobody is compared with itself
    positive.diagonal(start).zero_()
    count = positive.sum(1, keepdim=True)                                          # n x 1
    lone = count < FEW
    others = logits if denominator == "all" else logits.masked_fill(positive > 0, -inf)
    mass = others.logsumexp(1, keepdim=True)
    if denominator == "only_negatives":
        lone |= mass == -inf
    mass = mass.clamp(min=torch.finfo(mass.dtype).min)                             # e^(s - mass) is 0 without negatives
    ratio = logits - (torch.logaddexp(logits, mass) if denominator == "one_positive" else mass)
    ratio.masked_fill_(positive == 0, 0.0)
    if summation == "out":
        w = positive.div_(count.clamp(min=FEW)).masked_fill_(lone, 0.0)
        losses = -(w * ratio).sum(1)
    else:
        inside = (ratio + positive.log()).masked_fill_(lone, 0.0)
        total = inside.logsumexp(1, keepdim=True)
        losses = (count.log() - total).masked_fill_(lone, 0.0)[:, 0]
        w = (inside - total).exp_().masked_fill_(lone, 0.0)
    return losses, w, ratio, others, mass.masked_fill_(lone, inf)


def errors(w: Tensor, ratio: Tensor, others: Tensor, mass: Tensor, denominator: str) -> Tensor:
    """n x M: the derivative of each loss by its logits, from what `shares` returns; all are overwritten.

    Where all positives have one D, sum over a set S: softmax_S(s) - w. Where D_p = e_p + N, N the negatives' sum:
    w_p (e_p / D_p - 1) for a positive and e_j / N sum_p w_p (1 - e_p / D_p) for a negative.
    """
    drawn = others.sub_(mass).exp_()                                               # softmax over S, or over N
    if denominator != "one_positive":
        return drawn.sub_(w)
    missing = w.mul_(1 - ratio.exp_())                                             # w_p (1 - e_p / D_p)
    return drawn.mul_(missing.sum(1, keepdim=True)).sub_(missing)
