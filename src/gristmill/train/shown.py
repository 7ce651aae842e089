"""How much a run looks at: what makes trainings of different methods as long as each other."""

from torch import Tensor, nn

from gristmill.train.loop import Run


def images_shown(run: Run) -> int:
    """Images that a run shows the network it trains, from the first step to the last; every view is one.

    A view counts once in a step, however often the step passes it. What a slow copy alone sees does not count. Makes
    the first step, so give a run that nobody needs any more.
    """
    trained = {parameter for optimizer in run.optimizers.values() for parameter in optimizer.parameters}
    seen: set[bytes] = set()

    def look(module: nn.Module, inputs: tuple[Tensor, ...]) -> None:
        seen.update(image.detach().float().cpu().numpy().tobytes() for image in inputs[0])

    channels = len(run.settings.views.mean)
    for module in run.method.modules():
        if isinstance(module, nn.Conv2d) and module.weight in trained and module.in_channels == channels:
            module.register_forward_pre_hook(look)
    if run.steps:
        run.train(stop=1)
    return len(seen) * run.steps
