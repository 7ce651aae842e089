"""A task's coarse classes by a hierarchy: which one, where the classes stand in it, and where it is cut."""

from pathlib import PurePosixPath
from typing import Annotated, Self

from pydantic import Field, model_validator

from gristmill.parameters.sections import Count, Section, refuse

Text = Annotated[str, Field(min_length=1)]
CUTS = ("depth", "classes", "nodes", "rules")
FOLDER = "hierarchies"  # of the user's files; DVC looks at it, so that a changed file makes its tasks anew
SUFFIXES = (".csv", ".yaml", ".yml")


class Rule(Section):
    """Classes at or below one of the nodes get a label; without nodes: all that is left."""

    label: Text
    nodes: Annotated[list[Text], Field(min_length=1)] | None = None


class Hierarchy(Section):
    """Where the coarse classes come from: a hierarchy and one cut through it."""

    source: Text  # wordnet, the folder of a whole WordNet 3.0, or hierarchies/<file>.csv or .yaml
    names: dict[Text, Text] | None = None  # class -> its node, where its name is not enough
    drop: Annotated[list[Text], Field(min_length=1)] | None = None  # classes that stay out of the task
    depth: Annotated[int, Field(ge=0)] | None = None
    classes: Count | None = None
    nodes: Annotated[list[Text], Field(min_length=1)] | None = None
    rules: Annotated[list[Rule], Field(min_length=1)] | None = None
    order: Annotated[list[Text], Field(min_length=1)] | None = None  # of the rules' labels, if not that of the rules

    @model_validator(mode="after")
    def file_that_dvc_sees(self) -> Self:
        """A file of the user's lies in the folder that the stage graph depends on."""
        path = PurePosixPath(self.source)
        if path.suffix in SUFFIXES and (path.parts[0] != FOLDER or ".." in path.parts):
            raise refuse(f"source: {self.source}: put the file into {FOLDER}/, so that dvc sees when it changes")
        return self

    @model_validator(mode="after")
    def one_cut(self) -> Self:
        """Exactly one of depth, classes, nodes, rules."""
        given = [kind for kind in CUTS if getattr(self, kind) is not None]
        if len(given) != 1:
            found = f"there are {' and '.join(given)}" if given else "there is none"
            raise refuse(f"one cut is needed: depth, classes, nodes or rules; {found}")
        if self.order and self.rules is None:
            raise refuse("order: belongs to rules; the list of nodes is their order already")
        return self

    @model_validator(mode="after")
    def nothing_twice(self) -> Self:
        """A node stands once, no class is both named and dropped."""
        for place, values in {"nodes": self.nodes, "drop": self.drop, "order": self.order}.items():
            twice = [value for i, value in enumerate(values or []) if value in (values or [])[:i]]
            if twice:
                raise refuse(f"{place}: {twice[0]} stands twice")
        both = [name for name in self.names or {} if name in (self.drop or [])]
        if both:
            raise refuse(f"{both[0]} stands in names and in drop; keep one")
        return self

    @model_validator(mode="after")
    def rules_in_order(self) -> Self:
        """Only the last rule is for the rest; `order` has each label of the rules."""
        rules = self.rules or []
        early = [rule.label for rule in rules[:-1] if rule.nodes is None]
        if early:
            raise refuse(f"rules: '{early[0]}' has no nodes, so that all classes are its; such a rule comes last")
        labels = {rule.label for rule in rules}
        if self.order and set(self.order) != labels:
            wrong = sorted(set(self.order) ^ labels)[0]
            raise refuse(f"order: '{wrong}' stands in {'rules' if wrong in labels else 'order'} only; list every label")
        return self
