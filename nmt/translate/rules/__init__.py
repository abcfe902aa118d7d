"""What rules say better than a model: dates, times, names, capitals, short forms. They know words, and no model."""
