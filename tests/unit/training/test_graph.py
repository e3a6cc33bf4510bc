"""What a graph is built from."""

import pytest

from stockcast.recipe import Recipe, Shapes, list_fields


class Watched:
    """A recipe that remembers which of its fields were read."""

    def __init__(self, recipe):
        self.read = set()
        self._recipe = recipe

    def __getattr__(self, name):
        self.read.add(name)
        return getattr(self._recipe, name)


@pytest.mark.slow
@pytest.mark.parametrize("cell", ["lstm", "gru"])
def test_a_graph_is_built_from_the_fields_that_say_so_and_no_others(cell):
    from stockcast.training.tensorflow.graph import Graph

    recipe = Watched(Recipe(cell=cell, window=3, layers=2, units=2))
    graph = Graph(recipe, 1)
    graph.run_steps.get_concrete_function()
    read = recipe.read & set(Recipe.model_fields)
    # What the seed gave is replaced by `reset` before each training.
    assert read - {"seed"} == set(list_fields(Shapes.GRAPH))
