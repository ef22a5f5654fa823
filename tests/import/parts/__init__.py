from .blocks import residual
