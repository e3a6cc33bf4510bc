"""What a graph is built from."""

import pytest

from stockcast.recipe import Recipe, Shapes, list_fields


class Watched:
    """A recipe that remembers which of its fields were read."""

    def __init__(self, recipe):
        self.read = set()
        self._recipe = recipe

    @property
    def scored_by(self):
        return Recipe.scored_by.fget(self)

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
    # What the seed gave is replaced by `reset` before each training; that target and pooling
    # settle the loss is the next test's subject.
    assert read - {"seed", "target", "pooled"} == set(list_fields(Shapes.GRAPH))


@pytest.mark.slow
def test_a_graph_of_another_loss_is_not_used_again_where_both_recipes_say_auto():
    from stockcast.training.tensorflow.graph import acquire_graph, release_graph

    small = {"window": 3, "layers": 1, "units": 2, "pooled": True}
    one, other = Recipe(**small), Recipe(**small, target="price")
    assert one.loss == other.loss == "auto"
    graph = acquire_graph(one, 5)
    release_graph(graph, one, 5)
    assert acquire_graph(other, 5) is not graph
    assert acquire_graph(one, 5) is graph
