"""The search for a recipe: its space, its folds, its trials and what they prove."""
