"""PyTorch, eager: the network of a description, trained by the usual loop over resident tensors."""

import time

import common
import torch
from torch import nn

NETWORKS = {
    "onelayer": lambda: nn.Sequential(nn.Conv2d(1, 9, 5), nn.ReLU(), nn.Flatten(), nn.Linear(9 * 24 * 24, 10)),
    "pyramid": lambda: nn.Sequential(
        nn.Conv2d(1, 10, 5),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Conv2d(10, 20, 5),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Flatten(),
        nn.Linear(320, 10),
    ),
    "lenet": lambda: nn.Sequential(
        nn.Conv2d(3, 6, 5),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Conv2d(6, 16, 5),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Flatten(),
        nn.Linear(400, 120),
        nn.ReLU(),
        nn.Linear(120, 84),
        nn.ReLU(),
        nn.Linear(84, 10),
    ),
}

options = common.arguments()
x, y, test_x, test_y = [torch.from_numpy(array) for array in common.load(options)]
# PyTorch's own order: channels before pixels.
x, test_x = [pictures.permute(0, 3, 1, 2).contiguous() for pictures in (x, test_x)]
model = NETWORKS[options.network]()
# Keras's constants, so that the steps are the same.
if options.network == "lenet":
    optimizer = torch.optim.Adam(model.parameters(), lr=0.001, eps=1e-7)
else:
    optimizer = torch.optim.RMSprop(model.parameters(), lr=0.001, alpha=0.9, eps=1e-7)
loss_of = nn.CrossEntropyLoss()
epochs = []
for _ in range(options.epochs):
    start = time.perf_counter()
    model.train()
    right, total = torch.zeros(()), torch.zeros(())
    for batch in torch.randperm(len(x)).split(options.batch_size):
        outputs, labels = model(x[batch]), y[batch]
        loss = loss_of(outputs, labels)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        # The loss and the accuracy of the epoch, as fit() reports them.
        total += loss.detach() * len(batch)
        right += (outputs.detach().argmax(1) == labels).sum()
    total.item(), right.item()
    epochs.append(time.perf_counter() - start)
    model.eval()
    with torch.no_grad():
        hits = sum(
            (model(pictures).argmax(1) == labels).sum().item()
            for pictures, labels in zip(test_x.split(options.batch_size), test_y.split(options.batch_size))
        )
common.report(f"PyTorch {torch.__version__}", options, epochs, hits / len(test_y))
