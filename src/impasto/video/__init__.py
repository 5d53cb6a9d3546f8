"""Films: frames in order, with their times; reading, writing, and a journal of what is done."""
