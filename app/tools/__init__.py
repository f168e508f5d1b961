"""The pages on which an administrator connects tools and sees how they are."""
