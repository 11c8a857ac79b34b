### The window's English: every label, hover text, title, message and accessible name. To translate it, copy this
### folder to `assets/text/LANGUAGE` (`de`, `pt-BR`) and translate what stands behind each `=`; nothing else is to do.
###
### A message that a translation lacks is said in English. Arguments (`{ $name }`) are put in where they stand, and may
### be put elsewhere in the sentence; numbers arrive written, but for counts, which choose a form of the plural:
### `{ $count -> [one] … *[other] … }`. Comments stand above their message, never between it and its `.attributes`.
###
### Not here, as they are the same in every language: names of methods (I-GOS, Grad-CAM, Integrated gradients), models,
### classes, colour maps, licences and devices; the paper's symbols (λ₁, α_u); names that flags and run.json have too
### (path-shared, blur, f16); seconds and milliseconds (s, ms). What a file, a model or the system refuses is said in English.
###
### Labels begin with a capital, sentences have no full stop at their end, and a button that asks for more ends in `…`.
### `igoscope` is the program. The *wall* is the middle of the window, where pictures hang side by side in *tiles*.
### A *map* is what a method finds: how much each place of the picture matters. A *mask* is what I-GOS makes to find it,
### of *cells*. A *run* is one explanation of one picture by all methods.

## Words that stand alone in several places

# Also a chart's title and what a number below a tile is: the area under the curve of probability while the most
# important cells are blurred.
deletion = Deletion
# The same while they are revealed.
insertion = Insertion

## Charts

# Hover text of the chart's title.
# $measure is output where the model answers with quantities.
chart-deletion-help =
    { $measure ->
        [output] The output
       *[probability] The class's probability
    } while cells are blurred, the most important ones first: less area is better
    Grey: cells in random orders, their mean and from the lowest to the highest
    Press on a curve to see the pictures there, and what the model makes of them
chart-insertion-help =
    { $measure ->
        [output] The output
       *[probability] The class's probability
    } while a blurred picture is revealed, the most important cells first: more area is better
    Grey: cells in random orders, their mean and from the lowest to the highest
    Press on a curve to see the pictures there, and what the model makes of them
# Below the chart's title, and where one points at the numbers below a tile: what the curve is. `.short` stands where there
# is less room, some 55 letters or two lines, and `.shortest` where there are some 25.
chart-deletion-says = the score while the map’s most important cells are deleted; a good map makes it fall soon
    .short = Score as the top cells are deleted: good maps fall soon
    .shortest = Good maps fall soon
chart-insertion-says = the score while the map’s most important cells alone are revealed; a good map makes it rise soon
    .short = Score as the top cells are revealed: good maps rise soon
    .shortest = Good maps rise soon
# Beside the chart's title, small; left out where there is no room.
chart-deletion-remark = area, lower is better
chart-insertion-remark = area, higher is better
# Heard: what the title is. $title is `deletion` or `insertion`.
chart-named = { $title } chart
# Heard: the menu that chooses what the third chart is about.
chart-choice = Chart of iterations
# In a menu. $format is PNG, SVG or CSV.
chart-save-as = Save as { $format }…
# Heard: the button that opens that menu.
chart-save =
    { $chart ->
        [deletion] Save deletion chart
        [insertion] Save insertion chart
       *[iterations] Save iterations chart
    }
    .help = Save this chart as a picture or a table

## Deletion and insertion curves

# Titles of axes, also in saved charts. `.short` stands where there is room for some 20 letters.
curves-cells-deleted = cells deleted, most important first
    .short = cells deleted
curves-cells-revealed = cells revealed, most important first
    .short = cells revealed
curves-probability = probability of { $class }
curves-output = output, { $class }
# Heard: the chart itself. In the other two a share of the cells is marked, $share, as the wall shows only those, or all but
# those.
curves-deletion = Deletion curves
curves-insertion = Insertion curves
curves-deletion-marked = Deletion curves, marked at { $share }
curves-insertion-marked = Insertion curves, marked at { $share }
# Heard: a method's line in the legend.
legend-deletion-curve = { $method } deletion curve
legend-insertion-curve = { $method } insertion curve
# Hover text of that line.
legend-hide = { $method }: click to hide its curves
legend-show = { $method }: click to show its curves
# A line of the legend, also in saved charts, and a name beside a number: cells in an order that knows nothing of the
# picture, the mean of some such orders.
random-order = random order
# Hover text of that line.
legend-hide-random = Cells in random orders, their mean and from the lowest to the highest: what an area is worth. Click to hide them
legend-show-random = Cells in random orders: click to show them
# Hover text of both charts' titles, its last line. $picture is `picture-blurred` or another one, $top the most probable
# class there.
chart-ends = { $picture } alone: { $class } { $share }; most probable: { $top } { $most }
# The same of a model that answers with quantities.
chart-ends-output = { $picture } alone: { $class } { $output }
# On a tile while a curve is held, in its corner. $share is a share of the cells, as 20 %.
curves-share-deleted = { $share } deleted
curves-share-revealed = { $share } revealed
# Heard: the classes that the model then sees. $shown is one of the two above, $classes a list.
curves-top = { $method }, { $shown }: { $classes }

## The methods

# Hover text of a method's title: what a high value of its map means, and when the map misleads. The page of a method has
# both, what it computes, and where it is from: authors, title, place and year. Their names stay.
method-igos =
    .meaning = The part of the picture that has to go for the score to fall most: the smallest and smoothest that was found.
    .misleads = Where the score hardly fell there is no finding, however strong the colours: look at the score below the map.
    .computes = Mask after mask is laid over the picture. Where a mask is 0 the picture is blurred away, and each mask moves a little so that the score falls further, at a price for being large and for being ragged. The direction is averaged over many strengths of the mask, which keeps it from getting stuck.
    .source = Zhongang Qi, Saeed Khorram, Fuxin Li: Visualizing Deep Networks by Optimizing with Integrated Gradients, AAAI 2020 (arXiv 1905.00954)
method-curve-descent =
    .meaning = In which order parts of the picture have to go, or to come, for the score to fall, or to rise, soonest.
    .misleads = It makes small what the curves measure: on one baseline and one network its areas alone prove little.
    .computes = The cells of the picture are put in an order, and the order is improved step by step: so that the score falls soon when the first cells are deleted, and rises soon when they alone are revealed. It makes small what the deletion and insertion curves measure, with noise and changing light so that it does not fit one network's weak spots.
    .source = igoscope's own; there is no paper
method-grad-cam =
    .meaning = Where the network's last features are that speak for the class: what it points at.
    .misleads = It is as coarse as those features and sees none before them; small or several things melt into one spot.
    .computes = The network's last map of features is read, and each feature counts as much as the class's logit moves with it, on average over the picture. What adds up to more than 0 is the map, as coarse as the features are.
    .source = Ramprasaath R. Selvaraju et al.: Grad-CAM: Visual Explanations from Deep Networks via Gradient-based Localization, ICCV 2017 (arXiv 1610.02391)
method-integrated-gradients =
    .meaning = How much each pixel adds to the score on the straight way from the baseline to the picture.
    .misleads = Where picture and baseline are alike a pixel counts for nothing whatever it shows; edges look important.
    .computes = The picture is faded in from the baseline, in equal steps, and at each step the gradient says how much the score moves with every pixel. Their mean, times how far the pixel came, is what the pixel adds; all of them together add up to the change of the score.
    .source = Mukund Sundararajan, Ankur Taly, Qiqi Yan: Axiomatic Attribution for Deep Networks, ICML 2017 (arXiv 1703.01365)
method-loaded-map =
    .meaning = What the file says: a map that another program made.
    .misleads = It may be of another class, another crop or another network; nothing here can tell.
    .computes = Nothing: the map is read from a .npy, an .npz or a picture, laid over what the model sees (or over the whole picture, where it has its shape), and judged like the others.
    .source = The file
method-attention-rollout =
    .meaning = How much of what the class token has gathered in the end came from the patch, through all blocks.
    .misleads = It is the same map for every class, and attention is not importance: what a token gathers may cancel out or go unused.
    .computes = In every block each token gathers from all others, in shares. These shares, averaged over heads, with as much again for what a token keeps of itself, are multiplied from block to block: what comes out says how much of each patch has reached the class token. No class is asked for.
    .source = Samira Abnar, Willem Zuidema: Quantifying Attention Flow in Transformers, ACL 2020 (arXiv 2005.00928)
method-le-grad =
    .meaning = Where more attention to the patch would raise the class, on average over blocks.
    .misleads = Early blocks are read as if they were the last one, which they were not trained to be; it is as coarse as the patches are.
    .computes = What each block of the transformer has made of the picture is read as if it were the last: by the network's own norm and classifier. The class's logit is then followed back to the attention of that block, and where more attention would raise it counts. The map is the mean over tokens, heads and blocks.
    .source = Walid Bousselham, Angie Boggust, Sofian Chaybouti, Hendrik Strobelt, Hilde Kuehne: LeGrad: An Explainability Method for Vision Transformers via Feature Formation Sensitivity, ICCV 2025 (arXiv 2404.03214)
method-eigen-cam =
    .meaning = Where the network's features are strong together: what it looks at, whatever the class.
    .misleads = It is the same map for every class and explains none; where a picture shows several things it follows the most striking.
    .computes = The network's last map of features is read, and the mixture of features is found that has most of all their strength in it: their first principal component. The map is how strong this mixture is at each place. No class is asked for.
    .source = Mohammed Bany Muhammad, Mohammed Yeasin: Eigen-CAM: Class Activation Map using Principal Components, IJCNN 2020 (arXiv 2008.00299)
method-finer-cam =
    .meaning = Where the features are that tell the class from those the network finds most similar.
    .misleads = What the class shares with its neighbours is left out, although the network needs it too; other neighbours, another map.
    .computes = The classes are found whose logits are nearest to the class's. From the class's logit their weighted mean is taken off, and what is left is explained as Grad-CAM does it: each feature counts as much as that difference moves with it, on average over the picture.
    .source = Ziheng Zhang, Jianyang Gu, Arpita Chowdhury, Zheda Mai, David Carlyn, Tanya Berger-Wolf, Yu Su, Wei-Lun Chao: Finer-CAM: Spotting the Difference Reveals Finer Details for Visual Explanation, CVPR 2025 (arXiv 2501.11309)
method-grad-cam-plus-plus =
    .meaning = Where the network's features are that speak for the class, each of several things of its kind.
    .misleads = What speaks against the class counts for nothing, so that it marks more than the class needs; it is as coarse as the features are.
    .computes = The network's last map of features is read, as in Grad-CAM, and the class's logit is followed to each place of each feature. Places where a feature speaks against the class are left out, and the others count the more the fewer of them there are, so that a small thing weighs as much as a large one. What adds up to more than 0 is the map.
    .source = Aditya Chattopadhay, Anirban Sarkar, Prantik Howlader, Vineeth N. Balasubramanian: Grad-CAM++: Generalized Gradient-Based Visual Explanations for Deep Convolutional Networks, WACV 2018 (arXiv 1710.11063)
method-layer-cam =
    .meaning = Where each single feature is that raises the class there: sharp in layers before the last one.
    .misleads = What speaks against the class counts for nothing; in early layers it follows the picture's edges rather than the class.
    .computes = A map of features is read, and each feature counts at each place as much as the class's logit rises with it right there; where it falls, the feature counts for nothing. With the last layer the map is much like Grad-CAM's; with earlier ones it is finer.
    .source = Peng-Tao Jiang, Chang-Bin Zhang, Qibin Hou, Ming-Ming Cheng, Yunchao Wei: LayerCAM: Exploring Hierarchical Class Activation Maps for Localization, IEEE Transactions on Image Processing 30, 2021
method-score-cam =
    .meaning = Where the features are that show the network the class when it sees the picture through them alone.
    .misleads = One or two features decide the whole map where their logits stand out; cut-outs are no pictures the network was trained on.
    .computes = The network's last map of features is read, and the picture is shown through each feature as through a stencil: bright where the feature is strong, replaced by mean grey where it is weak. The class's logits of all these pictures, as a softmax, say how much each feature counts. No gradient is needed.
    .source = Haofan Wang, Zifan Wang, Mengnan Du, Fan Yang, Zijian Zhang, Sirui Ding, Piotr Mardziel, Xia Hu: Score-CAM: Score-Weighted Visual Explanations for Convolutional Neural Networks, CVPR Workshops 2020 (arXiv 1910.01279)
method-greedy-regions =
    .meaning = How early the region comes in an order that soonest shows the class alone and, taken away, soonest hides it.
    .misleads = It makes small and large what the curves measure, on one baseline and one network: there its areas prove little. Only the order is a finding.
    .computes = The picture is divided into regions, and they are put in an order one by one. The next one is always that with which the regions chosen so far have the highest score when they alone are in sight, less the score of the picture without them. To save passes, after each look at all regions only the best few are looked at again until their gain falls.
    .source = Ruoyu Chen, Hua Zhang, Siyuan Liang, Jingzhi Li, Xiaochun Cao: Less is More: Fewer Interpretable Region via Submodular Subset Selection, ICLR 2024 (arXiv 2402.09164); Zihan Gu, Ruoyu Chen, Junchi Zhang, Yue Hu, Hua Zhang, Xiaochun Cao: PhaseWin Search Framework Enable Efficient Object-Level Interpretation, 2025 (arXiv 2511.10914)
method-hsic =
    .meaning = How much the score depends, in whatever way, on whether the place is in sight.
    .misleads = It says that a place matters and not which way: what speaks against the class is as bright as what speaks for it.
    .computes = The picture is shown behind random masks of some cells, each in sight or mean grey. For each cell the scores with it and without it are compared, not by their means alone but by all of how they are spread, with the Hilbert–Schmidt independence criterion: it is 0 only where the cell does not matter at all.
    .source = Paul Novello, Thomas Fel, David Vigouroux: Making Sense of Dependence: Efficient Black-box Explanations Using Dependence Measure, NeurIPS 2022 (arXiv 2206.06219)
method-kernel-shap =
    .meaning = What the region adds to the score, averaged over the orders in which regions could come into sight.
    .misleads = It is as coarse as its regions, and an estimate where the samples are few; a picture with holes is none the network was trained on.
    .computes = The picture is divided into regions, and the network is shown many random choices of them, the others replaced by mean grey. A sum of one number a region is fitted to the scores, weighted so that the numbers are Shapley values: the one fair way to share the score among the regions. They add up to what the score changes by; below 0 a region speaks against the class.
    .source = Scott M. Lundberg, Su-In Lee: A Unified Approach to Interpreting Model Predictions, NeurIPS 2017 (arXiv 1705.07874)
method-occlusion =
    .meaning = How far the score falls when the place is covered, on average over the windows that cover it.
    .misleads = It sees what one window hides: of two things that are each enough it finds neither, and its grain is the window's.
    .computes = A window slides over the picture, and each time what is behind it is replaced by mean grey. How much lower the score is then than for the whole picture is written to every place behind the window; where windows overlap, the mean of them counts. Below 0 it rose: what is there speaks against the class.
    .source = Matthew D. Zeiler, Rob Fergus: Visualizing and Understanding Convolutional Networks, ECCV 2014 (arXiv 1311.2901)
method-rise =
    .meaning = How much higher the score is on average when the place is in sight than over all random masks.
    .misleads = It is an estimate from random masks, with grain where they are few; parts that stand in for each other look weak.
    .computes = The picture is hidden behind thousands of random masks, which leave soft patches of it in sight, and the network's score is noted for each. The map is the mean of the masks, each weighted by its score: places that are in sight when the score is high come out bright. Nothing but the network's answers is needed.
    .source = Vitali Petsiuk, Abir Das, Kate Saenko: RISE: Randomized Input Sampling for Explanation of Black-box Models, BMVC 2018 (arXiv 1806.07421)
method-sobol =
    .meaning = How much of the score's ups and downs under random masks has to do with the place, with others too.
    .misleads = It says that a place matters and not which way: what speaks against the class is as bright as what speaks for it.
    .computes = The picture is shown behind random masks of some cells, each anywhere between sight and mean grey. Then one cell at a time is given another value and all others stay. The more the score moves by that, of all that it moves, the higher is the cell's total Sobol index, in which what it does together with others counts as well.
    .source = Thomas Fel, Rémi Cadène, Mathieu Chalvidal, Matthieu Cord, David Vigouroux, Thomas Serre: Look at the Variance! Efficient Black-box Explanations with Sobol-based Sensitivity Analysis, NeurIPS 2021 (arXiv 2111.04138)
method-gradient =
    .meaning = How much the score moves when a pixel changes a little.
    .misleads = It is a slope and no amount: it is noisy from pixel to pixel, and small where the network is already sure.
    .computes = One pass forwards and one back give the gradient of the score with respect to every pixel. A pixel counts as much as the largest gradient of its three colours, or as their sum, whatever the sign.
    .source = Karen Simonyan, Andrea Vedaldi, Andrew Zisserman: Deep Inside Convolutional Networks: Visualising Image Classification Models and Saliency Maps, ICLR workshop 2014 (arXiv 1312.6034)
method-gradient-input =
    .meaning = How much each pixel would add to the score by not being mean grey, if the score were a straight line.
    .misleads = No network is a straight line, so that the values add up to nothing in particular; mean grey counts for nothing whatever it shows.
    .computes = The gradient of the score with respect to every pixel is multiplied with the pixel itself, in the network's own numbers. Where they have one sign the pixel speaks for the class, where they have two against it.
    .source = Avanti Shrikumar, Peyton Greenside, Anna Shcherbina, Anshul Kundaje: Not Just a Black Box: Learning Important Features Through Propagating Activation Differences, 2016 (arXiv 1605.01713)
method-smooth-grad =
    .meaning = How much the score moves when a pixel changes a little, on average over noisy copies of the picture.
    .misleads = It is the gradient of pictures with noise, which the network may not know: it looks cleaner than the gradient and need not be truer.
    .computes = Noise is added to the picture again and again, and the gradients of the score for all these pictures are averaged, or their squares. What differs from one noise to the next goes out on average; what stays is drawn.
    .source = Daniel Smilkov, Nikhil Thorat, Been Kim, Fernanda Viégas, Martin Wattenberg: SmoothGrad: Removing Noise by Adding Noise, 2017 (arXiv 1706.03825)
method-guided-backprop =
    .meaning = Which pixels excite what excites the class, all the way through the network.
    .misleads = It hardly depends on the class, or on what the network has learnt late: it draws the picture's edges (Adebayo et al. 2018). It is a rule for ReLU; networks with other activations have none.
    .computes = The gradient of the class's logit goes back through the network, but at every ReLU only what is above 0 goes on. What is left are the pixels that excite units that excite units, up to the class; what inhibits is not followed.
    .source = Jost Tobias Springenberg, Alexey Dosovitskiy, Thomas Brox, Martin Riedmiller: Striving for Simplicity: The All Convolutional Net, ICLR workshop 2015 (arXiv 1412.6806)
method-deconvnet =
    .meaning = Which pixels would excite what excites the class, if every unit were at work.
    .misleads = Without max pooling it does not depend on the picture at all but for what is sent back through other layers, and it hardly depends on the class. It is a rule for ReLU; networks with other activations have none.
    .computes = The class's logit is sent back through the network as a gradient is, but at every ReLU what is above 0 goes on and nothing else, whether the unit was at work for this picture or not. Only the places of the largest values in max pools are the picture's.
    .source = Matthew D. Zeiler, Rob Fergus: Visualizing and Understanding Convolutional Networks, ECCV 2014 (arXiv 1311.2901)
method-guided-grad-cam =
    .meaning = Which pixels excite what excites the class, where the features are that speak for it.
    .misleads = What is fine in it comes from guided backpropagation, which draws edges whatever the class; only the place is Grad-CAM's. It is a rule for ReLU; networks with other activations have none.
    .computes = Guided backpropagation says for every pixel whether it excites what leads to the class, and Grad-CAM says roughly where what leads to the class is. The map is their product.
    .source = Ramprasaath R. Selvaraju et al.: Grad-CAM: Visual Explanations from Deep Networks via Gradient-based Localization, ICCV 2017 (arXiv 1610.02391)
method-excitation-backprop =
    .meaning = How probably a place is the one that excites the class, when the class is handed down from unit to unit.
    .misleads = Only what excites is followed, so that without contrast other classes in the picture light up as well. It is a rule for ReLU and for units that are never below 0; networks with other activations have none.
    .computes = The class wins, and hands its winning down: every unit shares it out among the units before it, in the shares of what they add to it, activation times weight, where that is above 0. In contrast, what would be handed down to “anything but this class” is taken off. The map is where the winning has come to at a layer in the middle of the network.
    .source = Jianming Zhang, Zhe Lin, Jonathan Brandt, Xiaohui Shen, Stan Sclaroff: Top-down Neural Attention by Excitation Backprop, ECCV 2016 (arXiv 1608.00507)
method-blur-ig =
    .meaning = How much each pixel adds to the score while the picture comes into focus.
    .misleads = What stays the same under the blur, such as large even areas, counts for nothing; edges look important, the more so the finer they are.
    .computes = The picture is brought into focus from a strong blur, in equal steps, and at each step the gradient says how much the score moves with every pixel. How far the pixel comes in the step, times that, is what it adds; all of them together add up to the change of the score.
    .source = Shawn Xu, Subhashini Venugopalan, Mukund Sundararajan: Attribution in Scale and Space, CVPR 2020 (arXiv 2004.03383)
method-xrai =
    .meaning = Which regions of the picture hold most of what adds to the score, for their size.
    .misleads = Its regions are those of colour and not of the network: what matters in a part of a region looks as if all of it did.
    .computes = The picture is cut into regions of alike colours, coarse and fine. Integrated gradients, from black and from white, say how much each pixel adds to the score, and the regions are taken in the order of how much they add for every pixel that no region before has covered.
    .source = Andrei Kapishnikov, Tolga Bolukbasi, Fernanda Viégas, Michael Terry: XRAI: Better Attributions Through Regions, ICCV 2019 (arXiv 1906.02825)
method-igos-pp =
    .meaning = The part of the picture that has to go for the score to fall most, and that alone makes it high.
    .misleads = It needs a class that shows in one part of the picture alone; where the score hardly fell there is no finding, however strong the colours.
    .computes = Two masks are laid over the picture, one that is to make the score fall by what it deletes and one that is to make it rise by what it reveals, and what both have in common is to do both. They move step by step along a direction that is averaged over many strengths of the masks, at a price for being large and for being ragged where the picture has no edge.
    .source = Saeed Khorram, Tyler Lawson, Li Fuxin: iGOS++: Integrated Gradient Optimized Saliency by Bilateral Perturbations, CHIL 2021 (arXiv 2012.15783)
method-meaningful-perturbation =
    .meaning = The part of the picture that has to go for the score to fall, as small and as round as its prices make it.
    .misleads = It begins with a disc in the middle and may stay near it; where the score hardly fell there is no finding, however strong the colours.
    .computes = A smooth mask, known in other papers as Mask, is laid over the picture and fades what it covers. Step by step it is changed so that the score falls, at a price for every cell that it deletes and for its edges; the picture is shifted by a few pixels each time, so that the mask does not fit single pixels.
    .source = Ruth C. Fong, Andrea Vedaldi: Interpretable Explanations of Black Boxes by Meaningful Perturbation, ICCV 2017 (arXiv 1704.03296)
method-extremal =
    .meaning = The part of the picture, of a given area, that alone keeps the class's logit highest.
    .misleads = It always fills the area it was given: where the class needs less, the rest is chance; where it needs more, a part is missing.
    .computes = A mask that keeps a given share of the picture and blurs the rest is moved so that the class's logit rises. Its pieces are round and no smaller than a certain size, and a price that grows with every step draws it to be 1 on the given area and 0 elsewhere.
    .source = Ruth Fong, Mandela Patrick, Andrea Vedaldi: Understanding Deep Networks via Extremal Perturbations and Smooth Masks, ICCV 2019 (arXiv 1910.08485)

# The page of a method. Heard, on the title of its tile and among the commands: what opens it.
method-what = What is { $method }?
    .words = method help page meaning misleads cost source paper about
    .help = What it computes, what it costs, when it misleads
# The heads of its parts.
method-shows = What its map shows
method-computes = What it computes
method-costs = What it costs
method-misleads = When it misleads
method-judged = How it is judged
method-source = Source
# What it costs with the values of now. $passes is a count, $time as 4.2 s.
method-passes =
    { $passes ->
        [one] About { $passes } pass forwards and backwards through the network
       *[other] About { $passes } passes forwards and backwards through the network
    }
method-passes-took = { $passes }; the map on the wall took { $time }
# $deletion and $insertion are `chart-deletion-says` and `chart-insertion-says`.
method-judges =
    Deletion: { $deletion }
    Insertion: { $insertion }
method-close = Close

## The chart of iterations

# What the chart can be about: its title and a menu's line. `.axis` is the title of its axis.
chart-igos-terms = I-GOS objective
    .help =
        What I-GOS makes small, by iteration
        objective: score and prices together, on the masked picture without noise
        score: what is explained there, as it is for the whole picture at iteration 0
        λ₁, λ₂: the prices of a large and of a ragged mask
        searched: the same objective as the line search sees it, on its points of the path
        Click on the chart to show an iteration
    .axis = objective and its terms
chart-igos-step-size = I-GOS step size
    .help =
        The step size α of every iteration, and whether it met the line search's condition
        Click on the chart to show an iteration
    .axis = step size
chart-igos-trials = I-GOS search trials
    .help =
        How many step sizes the line search tried in every iteration
        Click on the chart to show an iteration
    .axis = trials
chart-curve-descent-terms = Curve descent objective
    .help =
        What curve descent makes small, by iteration
        objective: twice the area under deletion, less that under insertion, by their weights
        deletion, insertion: these areas on the way of soft masks, with noise, not yet those of the curves
        Click on the chart to show an iteration
    .axis = objective and areas
chart-igos-pp-terms = iGOS++ objective
    .help =
        What iGOS++ makes small, by iteration
        objective: the score of what both masks leave of the picture, less that of what they delete, and the prices
        score: what is explained there, as it is for the whole picture at iteration 0
        of what is deleted: the score of that alone, which is to rise
        Click on the chart to show an iteration
    .axis = objective and its terms
chart-meaningful-perturbation-terms = Meaningful perturbation objective
    .help =
        What meaningful perturbation makes small, by iteration
        score: what is explained, on the shifted picture under the mask
        λ₁, λ₂: the prices of what is deleted and of its edges
        Click on the chart to show an iteration
    .axis = objective and its terms
chart-extremal-terms = Extremal perturbation objective
    .help =
        What extremal perturbation makes small, by iteration
        objective: the price less the reward
        reward: the logit of what is kept, whatever score is explained
        price: of an area that is not the one that was asked for; it grows with every step
        Click on the chart to show an iteration
    .axis = reward and price
chart-extremal-area = Extremal perturbation area
    .help =
        The share of the picture that the mask keeps, by iteration
        Click on the chart to show an iteration
    .axis = area
# The axis along which iterations are counted.
chart-iteration = iteration
# The lines in the legend: one short word each, as five stand side by side.
line-igos-searched = searched
line-igos-score = score
line-igos-objective = objective
line-igos-accepted = accepted
line-igos-not-accepted = not accepted
line-igos-tried = trials
line-curve-descent-deletion = deletion
line-curve-descent-insertion = insertion
line-curve-descent-objective = objective
line-igos-pp-tv = λ₂
line-igos-pp-l1 = λ₁
line-igos-pp-revealed = revealed
line-igos-pp-score = score
line-igos-pp-objective = objective
line-meaningful-perturbation-tv = λ₂
line-meaningful-perturbation-l1 = λ₁
line-meaningful-perturbation-score = score
line-meaningful-perturbation-objective = objective
line-extremal-area-price = price
line-extremal-reward = reward
line-extremal-objective = objective
line-extremal-area = area
# What is said of an iteration on the timeline instead of a number.
term-yes = yes
term-no = no
# What is said of it, a number after each.
term-igos-score = score
term-igos-l1 = price of the mask’s size, λ₁
term-igos-tv = price of its raggedness, λ₂
term-igos-objective = objective
term-igos-step = step size α
term-igos-accepted = step accepted:
term-igos-trials = step sizes tried:
term-igos-search-before = search objective before
term-igos-search-after = search objective after
term-igos-gradient-norm = gradient length
term-igos-forward-passes = forward passes
term-igos-backward-passes = backward passes
term-curve-descent-deletion = softened deletion area, D
term-curve-descent-insertion = softened insertion area, I
term-curve-descent-objective = objective
term-curve-descent-change = change of the map
term-curve-descent-forward-passes = forward passes
term-curve-descent-backward-passes = backward passes
term-igos-pp-score = score
term-igos-pp-revealed = score of what is deleted
term-igos-pp-l1 = price of the mask’s size, λ₁
term-igos-pp-tv = price of its raggedness, λ₂
term-igos-pp-objective = objective
term-igos-pp-step = step size α
term-igos-pp-accepted = step accepted:
term-igos-pp-trials = step sizes tried:
term-igos-pp-gradient-norm = gradient length
term-igos-pp-forward-passes = forward passes
term-igos-pp-backward-passes = backward passes
term-meaningful-perturbation-score = score
term-meaningful-perturbation-l1 = price of the mask’s size, λ₁
term-meaningful-perturbation-tv = price of its edges, λ₂
term-meaningful-perturbation-objective = objective
term-meaningful-perturbation-change = change of the mask
term-extremal-reward = reward in logits
term-extremal-area = area
term-extremal-area-price = price of the wrong area, λ
term-extremal-objective = objective
term-extremal-change = change of the mask
# Beside the pointer on the chart.
iteration-number = iteration { $number }
# The same with how many there are to be at most, in the timeline, on tiles and in the list of runs.
iteration-of = iteration { $number } of { $all }

## Below a tile

# Before a number, after those of `deletion` and `insertion`: the area under insertion less that under deletion. There is
# room for some 10 letters.
difference = ins − del
# The second line below a tile: what the curves say of the map, in some lengths; there is room for some 65, 40 and 32 letters.
# The score is the probability of the class for the whole picture; to keep is to be revealed alone.
statement-both = { $keeps } of the picture keep 90 % of the score · deleting { $loses } halves it
statement-both-short = { $keeps } keep 90 % · deleting { $loses } halves it
statement-both-shortest = { $keeps } keep 90 % · without { $loses } half
statement-keeps = { $share } of the picture keep 90 % of the score
statement-keeps-short = { $share } keep 90 % of the score
statement-loses = Deleting { $share } of the picture halves the score
statement-loses-short = Deleting { $share } halves the score
# The same line, where a random order does as well as the map; there is room for some 32 letters.
caption-no-better = No better than a random order
# Hover text of the numbers, and heard with them: areas under deletion and insertion where cells are replaced by something
# else ($baseline is a name in flags, as grey), by another model, and in random orders.
caption-second = on { $baseline }: { $deletion } / { $insertion }
caption-second-model = { $model } on { $baseline }: { $deletion } / { $insertion }
# An area with how far it moves by chance.
caption-chance = { $area } ± { $deviation }
caption-random = random order: { $deletion } / { $insertion }
# Heard: the numbers below a tile. $title is the tile's, $numbers a list of names and numbers.
caption-spoken = { $title }: { $numbers }
# Below a tile, while one points at a place of it, after the map's value there: which share of the cells is as important at
# least, and how many others are just as important. There is room for some 10 and 14 letters.
here-top = top { $share }
here-tied = tied with { $count }
# Hover text of the colours below a map. $most is the value at the end of the colours.
colours-largest = Colours from 0 to { $most }, relative to this map
colours-absolute = Colours from 0 to { $most }, the same in every iteration
colours-signed = Colours from { $most } against the class at the left to { $most } for it at the right
# Its other lines. $share is a share of the map's values. $colormap is the name of one.
colours-cut = The largest { $share } of the values are drawn like the end
colours-size = How much a place adds, whether for the class (+) or against it (−): the colour map { $colormap } tells them apart
# Heard: the colours. $title is the tile's, $meaning the hover text.
colours-spoken = { $title } colours: { $meaning }
# Heard: the same, $here.
caption-here-spoken = { $title } here: { $here }

## Classes

# A class's menu. $class is its name, in the language of the model.
class-explain = Explain { $class }
class-explain-why-not = Explain why not { $class }
class-compare = Compare with { $class }
# Hover text of a class's row. $number is the class's.
class-row = Explain { $class }, class { $number }; right click for more
class-row-explained = { $class }, class { $number }, is explained
class-row-against = The other class is explained rather than { $class }, class { $number }
# The button at the end of a class's row: why the model says what it says, and not this class. As it is heard, and its
# hover text.
class-why-not = Why not { $class }?
    .help = Explain the class rather than { $class }: the difference of the two
# As it is written: there is room for some 8 letters.
class-why-not-short = why not?
# Written in its place on the class that another is explained rather than.
class-not = not
# Takes that back.
class-alone = Explain the class alone
# The field to search classes in, as it is heard, and what stands in it while it is empty.
class-search = Search classes
class-search-hint =
    { $count ->
        [one] Search { $count } class
       *[other] Search { $count } classes
    }
class-search-none = No class has such a name or number
# Above what was found, if a class is called as another one is numbered.
class-search-name-first = Class { $number } is called { $name }: names go before numbers

## The comparison of two runs

# $one and $other are `run-title`.
compare-title = { $one } and { $other }
# `.name` is heard.
# A box: every picture on the wall is explained by both models.
compare-models = Compare maps
    .help = Every picture that comes on the wall is explained by both models, and their maps stand side by side
compare-one-scale = One colour scale
    .help = Colours of both maps are relative to the larger of their largest values, so that they can be compared
# Below a map, after its largest value: what the colours go up to.
compare-colours-to = colours up to { $value }
compare-model = Model
compare-copy = Copy
    .help = Put both maps and their difference on the clipboard, as they are shown
compare-save = Save
compare-close = Close
    .name = Close the comparison
    .help = Back to the wall
# Heard: a map, and the difference of two. $runs is as `Run 2 − Run 1`.
compare-map = { $method }, { $run }
compare-difference = Difference { $runs }, at most { $most }
# Below a map.
compare-largest = largest value { $value }
# In place of a map.
compare-no-map = There is no such map
compare-no-maps = There are no two maps
compare-nothing = Where nothing was found there is no map to take the difference of
compare-other-part = The runs see different parts of the picture
compare-areas = Areas
# The title of a column.
compare-change = change
compare-deletion = { $method }, deletion
compare-insertion = { $method }, insertion
# Hover text of a change that is neither better nor worse.
compare-chance = Other seeds and other orders of ties move areas as far: Measure chance says how far
# $change is as +0.012.
compare-better = { $change } better
compare-worse = { $change } worse
compare-parameters =
    { $count ->
        [0] Parameters, all the same
        [one] Parameters, { $count } differs
       *[other] Parameters, { $count } differ
    }
# What was asked: the class that is explained, and the class it is explained rather than.
compare-class = Class
compare-against = Rather than

## The crop: which part of the picture the model sees

# A row of the panel at the right, and of the comparison.
crop = Crop
    .help = What the model sees of the picture: its middle, as the model's makers cut it, the whole of it squashed to a square or with bars, or a part: drag it on the picture, by its corners for another size. A double click there brings the middle back.
# A field, for pictures that have other bands than red, green and blue. $count is how many they have.
bands = Bands
    .help = Which of the picture's { $count } bands are drawn as red, green and blue, by their numbers from 1, such as 4,3,2, or which one as grey; Enter draws them. The model sees all of them.
crop-center = Centre
# The whole picture, made a square.
crop-squash = Squash
# The whole picture, with bars beside it.
crop-letterbox = Letterbox
crop-part = A part of it
# Heard: what can be dragged on the original.
crop-body = Part the model sees
crop-upper-left = Upper left corner
crop-upper-right = Upper right corner
crop-lower-left = Lower left corner
crop-lower-right = Lower right corner

## Commands: what can be asked for by name

# Groups, in the list of commands and on the sheet of shortcuts.
commands-pictures = Pictures
commands-run = Explaining
commands-wall = Wall
commands-time = Iterations and runs
commands-results = Results
# Titles; a command is found by any letters of its title, and by the beginnings of its other `.words`, which are not shown.
command-open = Open pictures…
    .words = file folder image load
command-paste = Paste a picture
    .words = clipboard image
command-previous-picture = Previous picture
command-next-picture = Next picture
command-close-picture = Close this picture
# Where pictures come from a folder or a list.
command-table = Table of the folder's pictures
    .words = folder list sort filter confusion
command-table-close = Back to the picture
command-previous-wrong = Previous wrong picture
command-next-wrong = Next wrong picture
    .words = mistake error misclassified
command-most-wrong = Most wrong pictures first
    .words = mistakes errors loss
command-explain-all = Explain all pictures of the folder ({ $pictures })
    .words = queue batch evaluate
command-figure = Figure for print of the chosen pictures
    .words = paper pdf svg journal
command-report = Report on the folder
    .words = tables means html export
command-collection-close = Close the folder
command-sample = Open sample: { $title }
    .words = example picture
# $title is `profiles-convert` or `profiles-ignore`.
command-profiles = Colour profiles: { $title }
    .words = icc srgb colours
command-recent = Open recent: { $file }
    .words = again last file
command-run = Explain again
    .words = run start rerun compute
# $seeds is how often. Also in the menu of a chart, where its hover text says what it is for.
command-chance = Measure chance: { $seeds } seeds
    .help = Make and judge every map so often with other seeds, and say after ± how far its areas move by chance
    .words = spread seeds deviation error bars plus minus random
command-pause = Pause the run
    .words = hold go on
command-resume = Resume the run
command-go-on = Go on with the stopped run
command-stop = Stop the run
    .words = end cancel abort
command-models = Choose a model…
    .words = network catalogue fetch download weights
# Also in the menu of a chart; its hover text is `models-judge.help`.
command-beside = Second model beside the first…
    .words = two compare fine-tuned pretrained difference
command-copy-comparison = Copy the comparison
    .words = clipboard picture two runs models figure save
command-save-comparison = Save the comparison as { $format }
command-compare-models = Compare the maps of both models
    .words = two second beside difference
command-judge = Judge by another network…
    .words = second judge model faithful transfer
command-class-names = Name the classes…
    .words = labels text file own
# Called as the field is that it leads to: `class-search`.
command-find-class =
    .words = find label name number explain target
command-explain-class = Explain class: { $class }
    .words = prediction label top
# Called `class-alone`.
command-class-alone =
    .words = rather than why not contrast
command-score = Score: { $score }
    .words = explain objective softmax
command-crop = Crop: { $crop }
    .words = part square whole bars cut
# Found by the style's help as well.
command-view = View: { $style }
command-colormap = Colour map: { $name }
    .words = color palette heatmap
command-show-charts = Show the charts
    .words = curves deletion insertion toggle
command-hide-charts = Hide the charts
command-show-tile = Show tile: { $title }
    .words = method map toggle
command-hide-tile = Hide tile: { $title }
command-enlarge-tile = Enlarge tile: { $title }
    .words = alone whole maximise large
command-all-tiles = Back to all tiles: { $title }
command-show-curves = Show curves: { $method }
    .words = deletion insertion legend toggle
command-hide-curves = Hide curves: { $method }
command-timeline = Timeline: { $method }
command-chart = Chart: { $title }
    .words = iterations terms line search
command-largest-tiles = Largest tiles
    .words = split layout charts room
# Called `view-reset`.
command-reset-view =
    .words = zoom default overlay opacity
command-play = Play the iterations
    .words = animate video
# Called `timeline-back` and `timeline-on`.
command-back =
    .words = step back
command-on =
    .words = step on
command-first-iteration = First iteration
command-newest-iteration = Newest or best iteration
    .words = last live follow result kept
command-pin = Pin this run
    .words = compare keep
command-unpin = Unpin this run
command-leave-comparison = Leave the comparison
    .words = back wall close
command-compare = Compare the two pinned runs
    .words = difference side by side
command-show-parameters = Show the parameters
    .words = tab side values sliders
command-show-runs = Show the runs
    .words = tab side history notes
command-reset-parameters = Reset all parameters
    .words = default values
command-preset = Preset: { $name }
    .words = parameters values set
command-save = Save in a folder…
    .words = export write report maps png
command-copy-figure = Copy the figure
    .words = picture clipboard png
command-copy-map = Copy the map of { $method }
    .words = picture clipboard png
# $format is PNG, SVG or CSV.
command-save-chart =
    { $chart ->
        [deletion] Save the deletion chart as { $format }…
        [insertion] Save the insertion chart as { $format }…
       *[iterations] Save the iterations chart as { $format }…
    }
    .words = export curves table
command-theme = Theme: { $title }
    .words = dark light mode colours
command-usual-size = Usual size
    .words = zoom reset 100 %
command-commands = Commands
    .words = palette find search
command-hide-side = Hide the panel at the right
    .words = side sidebar panel parameters classes room
command-show-side = Show the panel at the right
command-present = Presenting layout
    .words = projector slides lecture teach full screen
command-leave-presenting = Leave the presenting layout
# Words that are buttons and commands too.
log = Log
    .words = messages errors show hide
shortcuts = Keyboard shortcuts
    .words = help keys cheat sheet
quit = Quit
    .words = exit close window
undo = Undo
    .words = back change
    .help = Take the last change of a parameter back
redo = Redo
    .words = again change
    .help = Make the change again
# The field that a command is typed into, as it is heard, and what stands in it while it is empty.
commands-find = Find a command
commands-hint = What to do
commands-none = Nothing has such a name
# In place of its shortcut.
commands-not-now = not possible now

## The sheet of shortcuts, and how keys are written

shortcuts-close = Close
key-escape = Esc
key-space = Space
key-home = Home
key-end = End
key-page-up = Page up
key-page-down = Page down
key-left = Left arrow
key-right = Right arrow
key-control = Ctrl
key-shift = Shift
# Two shortcuts for the same.
keys-or = { $one } or { $other }
# A hover text, and the shortcut for the same.
keys-hint = { $help } ({ $keys })

## Parameters

# Also the tab at the right.
parameters = Parameters
# The two ways to choose them: sets of values that are good for something, each with what it is for, and every value.
parameters-by-purpose = By purpose
    .help = Sets of values with what each is good for
parameters-by-value = Value by value
    .help = λ₁ and all the others, each with what it does
command-by-value = Show every parameter
    .words = values sliders advanced expert lambda
command-by-purpose = Show the presets
    .words = purposes simple values
# How many of a closed group do not have their default value.
parameters-changed =
    { $count ->
        [one] { $count } changed
       *[other] { $count } changed
    }
# Under the parameters.
parameters-outdated = The maps on the wall were made with other values
parameters-reset-all = Reset all
    .help = Every parameter back to igoscope's value
# Said where a number was typed that cannot be. $name is the row's.
parameters-bounded = { $name }: { $typed } cannot be and became { $value }
# Heard: the button at a row's end that brings the default back. $name is the row's.
parameters-reset = Reset { $name }
    .help = Back to the default
# A switch's value.
parameters-on = on
parameters-off = off
# Hover text of a row: what the parameter does ($help), an example, what it can be, and its default.
parameters-help-number =
    { $help }
    { $example }
    { $least } to { $most } { $unit }, default { $default }
    Double click the name for the default
# $names is a list.
parameters-help-choice =
    { $help }
    { $example }
    { $names }; default { $default }
    Double click the name for the default
parameters-help =
    { $help }
    { $example }
    default { $default }
    Double click the name for the default
# Groups, and their hover texts.
group-objective = Objective
    .help = I-GOS makes score + λ₁ · size + λ₂ · raggedness of the mask small
group-path = Path
    .help = I-GOS's gradient is averaged on the way from the baseline to the masked picture
group-search = Search
    .help = How often and how far the mask moves along that gradient
group-noise = Noise and start
    .help = The mask starts by keeping everything; noise keeps it from cheating
# The group is called as the method is.
group-integrated-gradients =
    .help = The method integrated gradients, beside I-GOS
group-curve-descent =
    .help = The method curve descent, which orders the picture's cells for both curves
group-gradient =
    .help = The gradient of the score with respect to every pixel
group-smooth-grad =
    .help = The gradient, averaged over noisy copies of the picture
group-excitation-backprop =
    .help = The class's winning, handed down from unit to unit
group-blur-ig =
    .help = Integrated gradients while the picture comes into focus
group-xrai =
    .help = Regions of the picture in the order of what they hold of integrated gradients
group-igos-pp-objective = iGOS++ objective
    .help = iGOS++ makes two scores small and two large, at prices for the size and the raggedness of what both masks delete
group-igos-pp-path = iGOS++ paths
    .help = Its gradient is averaged on four paths, two that delete and two that reveal
group-igos-pp-search = iGOS++ search
    .help = How often and how far its masks move along that gradient
group-igos-pp-noise = iGOS++ noise
    .help = Noise on every picture of the paths, which keeps the masks from cheating
group-meaningful-perturbation =
    .help = One smooth mask, moved by Adam
group-extremal =
    .help = A mask of a given area
group-curves = Curves
    .help = Deletion and insertion, which judge every method in the same way
group-cam = Class activation maps
    .help = The layer that all CAM methods read, and what some of them need besides
# Every parameter: its name (there is room for some 17 letters, 13 with a symbol), what it does, what happens when it is
# changed, and for numbers, behind their range, what they count or measure.
# Its symbol is λ₁.
parameter-igos-l1-weight = L1 weight
    .help = The price of a large mask
    .example = At 0.01 the mask may delete ten times as much for the same drop of the score as at 0.1
    .unit = of probability, for a mask that deletes everything
# Its symbol is λ₂.
parameter-igos-tv-weight = TV weight
    .help = The price of a ragged mask
    .example = At 50 the map is of few, round pieces; at 0.2 single cells stand out
    .unit = of probability, for a checkerboard
# Its symbol is m.
parameter-igos-mask-size = Mask size
    .help = How fine the mask is
    .example = 28 cells on 224 pixels are 8 pixels each; 112 find thinner things, and find them more slowly
    .unit = cells along a side
parameter-igos-l1-decay = L1 decay
    .help = Weaken λ₁ late in a run whose score hardly moves, as the authors' first program does
    .example = λ₁ is divided by 10 halfway through if the score has moved by 0.001 at most
# Its symbol is S.
parameter-igos-integration-steps = Integration steps
    .help = Points between baseline and masked picture that the gradient is averaged over
    .example = 10 take half the time of 20 and give a rougher direction
    .unit = points
# Its symbol is Ĩ.
parameter-igos-baseline = Baseline
    .help = What a deleted pixel is replaced with
    .example = With black, a black cat on snow cannot be deleted; with blur, its outline can
# Its symbol is K.
parameter-igos-iterations = Iterations
    .help = How often the mask is improved, at most
    .example = The map is there after 3 or 4; the rest sharpens it
    .unit = steps of the mask
parameter-igos-convergence-tolerance = Tolerance
    .help = The run ends early when two iterations in a row change the mask by less than this, on average
    .example = 0 never ends early, as the papers' programs; 0.01 ends soon after the map is there
    .unit = of a cell's value
parameter-igos-line-search = Line search
    .help = What step sizes are compared by: the path with shared noise, the path with fresh noise, or its end point
    .example = end-point is the first program's, path the second's; path-shared compares like with like
parameter-igos-search-points = Search points
    .help = Points of the path that path-shared compares step sizes on
    .example = 6 of 20 choose nearly the same steps as all 20, in a third of the time
    .unit = points, S at most
# Its symbol is αu.
parameter-igos-step-max = Step max
    .help = Where the line search starts
    .example = At 1 the mask creeps; at 1000 the search finds the largest step that helps
    .unit = times the gradient, step min at least
# Its symbol is αl.
parameter-igos-step-min = Step min
    .help = Where the line search gives up
    .example = At 1 the search gives up after a few trials, and takes a step of that size
    .unit = times the gradient, step max at most
# Its symbol is β.
parameter-igos-armijo = Armijo
    .help = How much of the promised decrease a step must keep
    .example = 0 accepts any decrease; 0.5 only steps about as good as the gradient promised
    .unit = share
# Its symbol is η.
parameter-igos-step-decay = Step decay
    .help = Factor from one trial step to the next
    .example = At 0.2 the trials are 1000, 200, 40, 8, …; at 0.9 they are many and close together
    .unit = times
# Its symbol is σ.
parameter-igos-noise = Noise
    .help = Standard deviation of the noise on each path sample, which keeps the mask from becoming adversarial
    .example = At 0 specks may delete the class that no eye would miss; at 0.2 of white the picture is hard to see
    .unit = in the noise unit
parameter-igos-noise-unit = Noise unit
    .help = What the noise is measured in: shares of white, or the numbers of the network's input
    .example = The papers add 0.2 in their network's numbers, 0.045 of white; the same 0.2 is 0.1 of white in others
parameter-igos-seed = Seed
    .help = Of every random number of I-GOS
    .example = The same seed gives the same map; another one shows how much of it is chance
# Its symbol is w_d.
parameter-curve-descent-deletion-weight = Deletion
    .help = What the area under deletion counts
    .example = At 0 the map is made to reveal the class soonest, and may leave enough of it elsewhere
    .unit = times the area
# Its symbol is w_i.
parameter-curve-descent-insertion-weight = Insertion
    .help = What the area under insertion counts
    .example = At 0 the map is made to destroy the class soonest, and may need little of what shows it
    .unit = times the area
# Its symbol is m.
parameter-curve-descent-mask-size = Order size
    .help = How fine the order is
    .example = 28 cells on 224 pixels are 8 pixels each; 14 are rougher, and less is left to chance
    .unit = cells along a side
# Its symbol is L.
parameter-curve-descent-levels = Levels
    .help = Places of the path that each iteration looks at
    .example = More of them give a better direction, and leave time for fewer iterations
    .unit = places, of two pictures each
parameter-curve-descent-jitter = Jitter
    .help = Draw the places anew in every iteration, each in its own part of the path
    .example = Without it only what happens at the same few places is seen
parameter-curve-descent-baseline = CD baseline
    .help = What a deleted pixel is replaced with
    .example = With black, a black cat on snow cannot be deleted; with blur, its outline can
# Its symbol is σ.
parameter-curve-descent-noise = CD noise
    .help = Standard deviation of the noise on each picture, which keeps the order from cheating
    .example = At 0 it fits the network's own weak spots; at 0.2 the picture is hard to see
    .unit = of white
parameter-curve-descent-baseline-jitter = Light
    .help = How much lighter or darker at most what replaces deleted pixels is, drawn anew for each picture
    .example = At 0 the map may be good on its own baseline alone; at 0.5 it is better on black and grey
    .unit = of white
# Its symbol is τ.
parameter-curve-descent-temperature = Softness
    .help = How soft the edges of the masks on the path are
    .example = At 5 the order hardly shows; at 0.1 single cells decide from the first step on
    .unit = steps of the order
# Its symbol is K.
parameter-curve-descent-iterations = CD iterations
    .help = How often the order is improved, at most
    .example = The map is there after 3 or 4; the rest sharpens it
    .unit = steps of the order
parameter-curve-descent-step-size = Step size
    .help = How far the first step goes; the last is 0.3 of it
    .example = At 0.1 the order hardly moves; at 10 it follows the noise
    .unit = of the order
parameter-curve-descent-smoothing = Smoothing
    .help = Standard deviation of the Gaussian over the first direction; it falls to 0 over the run
    .example = At 0 single cells stand out from the first iteration on
    .unit = cells
parameter-curve-descent-diffusion = Diffusion
    .help = How far each cell's place in the order moves to the mean of its neighbours' after every step
    .example = At 0 single cells stand out; at 0.5 all that is left are round pieces
    .unit = of the way
parameter-curve-descent-convergence-tolerance = CD tolerance
    .help = The run ends early when six iterations in a row have lowered the objective by no more than this
    .example = 0 never ends early
    .unit = of the score
parameter-curve-descent-seed = CD seed
    .help = Of every random number of curve descent
    .example = The same seed gives the same map; another one shows how much of it is chance
parameter-integrated-gradients-integration-steps = IG steps
    .help = Points of the straight path that integrated gradients averages over
    .example = At 10 the values no longer add up to the score's change; at 50 they nearly do
    .unit = points
parameter-integrated-gradients-baseline = IG baseline
    .help = Where the path of integrated gradients starts
    .example = From black, black pixels have no importance whatever they show
parameter-integrated-gradients-seed = IG seed
    .help = Of a path that starts at noise
    .example = With any other baseline it changes nothing
parameter-cam-depth = CAM layer
    .unit = blocks
    .help = Which layer CAM methods read, in blocks before the last one
    .example = 0 is the last layer; with 2 or 3 maps are finer and less sure of the class
parameter-cam-centred = Centred
    .help = Whether Eigen-CAM takes each feature's mean off first
    .example = With transformers, whose features have large means, the map then shows what differs
parameter-cam-similar-weight = Similar share
    .unit = share
    .help = How much of the similar classes' logits Finer-CAM takes off
    .example = With 0 it is Grad-CAM
parameter-cam-similar-classes = Similar classes
    .unit = classes
    .help = How many of the most similar classes Finer-CAM compares with
    .example = 1 compares with the nearest class alone
parameter-cam-channels = Features tried
    .unit = features
    .help = The most features that Score-CAM tries, those that vary most
    .example = Half as many take half the time
parameter-cam-baseline = CAM baseline
    .help = What Score-CAM puts outside of a feature
    .example = Grey is the paper's
parameter-cam-seed = CAM seed
    .help = Where the random numbers of the noise baseline start
    .example = With any other baseline it changes nothing
parameter-rise-masks = RISE masks
    .unit = masks
    .help = Random masks that RISE hides the picture behind
    .example = Four times as many halve the grain, and take four times as long
parameter-rise-cells = RISE cells
    .unit = cells
    .help = Cells along a side of a mask before it is enlarged
    .example = More make finer maps, which need more masks
parameter-rise-probability = In sight
    .unit = share
    .help = The share of the cells that a mask leaves in sight
    .example = Less shows smaller parts alone
parameter-rise-baseline = RISE baseline
    .help = What RISE hides places behind
    .example = Grey is the paper's
parameter-rise-seed = RISE seed
    .help = Where RISE's random numbers start
    .example = Another seed makes other masks: what changes is chance
parameter-occlusion-window = Window
    .unit = pixels
    .help = Width and height of the window that covers the picture
    .example = About as large as the things in question
parameter-occlusion-stride = Stride
    .unit = pixels
    .help = How far the window moves at a time
    .example = Half as far takes four times as long
parameter-occlusion-baseline = Cover
    .help = What covers the picture
    .example = Grey is the paper's
parameter-occlusion-seed = Occlusion seed
    .help = Where the random numbers of the noise baseline start
    .example = With any other baseline it changes nothing
parameter-sobol-cells = Sobol cells
    .unit = cells
    .help = Cells along a side of a mask
    .example = Twice as many take four times as long
parameter-sobol-designs = Designs
    .unit = masks
    .help = Masks for each cell
    .example = More make the estimate surer
parameter-sobol-baseline = Sobol baseline
    .help = What Sobol hides places behind
    .example = Grey is the paper's
parameter-sobol-seed = Sobol seed
    .help = Where Sobol's random numbers start
    .example = Another seed makes other masks: what changes is chance
parameter-hsic-cells = HSIC cells
    .unit = cells
    .help = Cells along a side of a mask
    .example = More make finer maps, which need more masks
parameter-hsic-masks = HSIC masks
    .unit = masks
    .help = Random masks that HSIC hides the picture behind
    .example = The paper has 1500
parameter-hsic-baseline = HSIC baseline
    .help = What HSIC hides places behind
    .example = Grey is the paper's
parameter-hsic-seed = HSIC seed
    .help = Where HSIC's random numbers start
    .example = Another seed makes other masks: what changes is chance
parameter-kernel-shap-regions = SHAP regions
    .help = What the regions of KernelSHAP are
    .example = Superpixels follow the colours of the picture
parameter-kernel-shap-per-side = SHAP per side
    .unit = regions
    .help = Regions along a side of the picture
    .example = 7 makes some 49 regions
parameter-kernel-shap-samples = SHAP samples
    .unit = samples
    .help = Choices of regions that the network is shown
    .example = Fewer than the regions are too few
parameter-kernel-shap-baseline = SHAP baseline
    .help = What KernelSHAP hides regions behind
    .example = Black makes dark regions count for little
parameter-kernel-shap-seed = SHAP seed
    .help = Where KernelSHAP's random numbers start
    .example = Another seed makes other choices: what changes is chance
parameter-greedy-regions-regions = Greedy kind
    .help = What the regions of the greedy search are
    .example = Superpixels follow the colours of the picture
parameter-greedy-regions-per-side = Greedy per side
    .unit = regions
    .help = Regions along a side of the picture
    .example = Twice as many take sixteen times as long
parameter-greedy-regions-window = Greedy window
    .unit = regions
    .help = Regions that are looked at again after all were
    .example = 1 looks at all of them for every choice
parameter-greedy-regions-baseline = Greedy baseline
    .help = What the greedy search hides regions behind
    .example = Blur leaves the light of a region
parameter-greedy-regions-seed = Greedy seed
    .help = Where the random numbers of the noise baseline start
    .example = With any other baseline it changes nothing
parameter-gradient-colours = Colours
    .help = How the gradients of a pixel's three colours become one value
    .example = largest is the paper's; with sum a pixel counts that moves the score a little in every colour
parameter-smooth-grad-samples = SG samples
    .help = Noisy copies of the picture that SmoothGrad averages over
    .example = With 10 some noise is left; from 50 on the map hardly changes
    .unit = pictures
# Its symbol is σ.
parameter-smooth-grad-noise = SG noise
    .help = Standard deviation of the noise on these copies
    .example = At 0.15 the picture can still be made out; at 0 the map is that of the gradient
    .unit = of the picture's range
parameter-smooth-grad-average = SG average
    .help = What is averaged: the gradients (mean), their squares, or how far they differ (variance)
    .example = squares draw fewer, stronger places than mean, as signs no longer cancel
parameter-smooth-grad-colours = SG colours
    .help = How the values of a pixel's three colours become one
    .example = With largest one colour is enough for a pixel to count
parameter-smooth-grad-seed = SG seed
    .help = Of SmoothGrad's noise
    .example = The same seed gives the same map; another one shows how much of it is chance
parameter-excitation-backprop-contrast = Contrast
    .help = Take off what would be handed down to anything but the class
    .example = Without it a dog beside a cat lights up for “cat” as well
parameter-excitation-backprop-cells = EB cells
    .help = How fine the layer is at which the winning is read: the deepest one with at least so many cells
    .example = At 7 the map is as coarse as Grad-CAM's; at 56 it is of edges and less of the class
    .unit = cells along a side
parameter-blur-ig-integration-steps = Blur IG steps
    .help = Points between blur and picture that Blur IG averages over
    .example = At 10 the values no longer add up to the score's change; at 50 they nearly do
    .unit = points
# Its symbol is σ.
parameter-blur-ig-blur = Blur
    .help = How blurred the picture is at first: the standard deviation of the blur
    .example = At 0.02 only fine things come into focus, and count
    .unit = of the picture's side
parameter-xrai-integration-steps = XRAI steps
    .help = Points of each of the two paths, from black and from white, that XRAI averages over
    .example = 20 take less than half the time of 50 and change the order of alike regions
    .unit = points
# Its symbol is λ₁.
parameter-igos-pp-l1-weight = L1 weight
    .help = The price of a large mask
    .example = At 1 the masks may delete ten times as much for the same change of the scores as at 10
    .unit = of probability, for a mask that deletes everything
# Its symbol is λ₂.
parameter-igos-pp-tv-weight = TV weight
    .help = The price of a ragged mask, less where the picture has an edge
    .example = At 100 the map is of few, round pieces; at 2 single cells stand out
    .unit = of probability, for a checkerboard
parameter-igos-pp-edge = Edge
    .help = How different two neighbouring pixels must be for the mask to have an edge between them cheaply
    .example = At 1 the mask minds the picture's edges no more than any other place
    .unit = of white
# Its symbol is m.
parameter-igos-pp-mask-size = Mask size
    .help = How fine each of the two masks is
    .example = 28 cells on 224 pixels are 8 pixels each; 56 find thinner things, and find them more slowly
    .unit = cells along a side
# Its symbol is S.
parameter-igos-pp-integration-steps = Steps
    .help = Points of each of the four paths that the gradient is averaged over
    .example = 10 take half the time of 20 and give a rougher direction
    .unit = points
# Its symbol is Ĩ.
parameter-igos-pp-baseline = Baseline
    .help = What a deleted pixel is replaced with, and what revealed ones are shown on
    .example = With black, a black cat on snow cannot be deleted; with blur, its outline can
# Its symbol is K.
parameter-igos-pp-iterations = Iterations
    .help = How often the masks move
    .example = After 5 the map is rough; after 15 it hardly changes
    .unit = iterations
parameter-igos-pp-search = Search
    .help = How far the masks move: a line search with shared or with fresh noise, or Nesterov's acceleration without a search
    .example = fresh is the authors' and takes several times as long as shared; nesterov always takes the largest step
parameter-igos-pp-search-points = Search points
    .help = Points of each path on which the shared search compares steps
    .example = 20 of 20 take three times as many passes as 6 and choose much the same steps
    .unit = points
# Its symbol is α_u.
parameter-igos-pp-step-max = Step max
    .help = The largest step tried, and the only one of nesterov
    .example = nesterov at 1000 deletes everything at once; at 8 it moves step by step
    .unit = times the gradient
# Its symbol is α_l.
parameter-igos-pp-step-min = Step min
    .help = A search gives up below it
    .example = Next to α_u nothing is searched
    .unit = times the gradient
# Its symbol is β.
parameter-igos-pp-armijo = Armijo
    .help = The share of the promised decrease that a step must keep
    .example = At 0 any step is taken that lowers the objective at all
    .unit = of the promised decrease
# Its symbol is η.
parameter-igos-pp-step-decay = Step decay
    .help = How much smaller each trial of a search is than the one before
    .example = At 0.5 twice as many steps are tried as at 0.2, and a longer one is found
    .unit = of the step before
# Its symbol is σ.
parameter-igos-pp-noise = Noise
    .help = Standard deviation of the noise on every picture of the paths
    .example = At 0 the masks find what deceives the network, which may be nothing that a person sees
    .unit = of white
parameter-igos-pp-seed = Seed
    .help = Of every random number of iGOS++
    .example = The same seed gives the same map; another one shows how much of it is chance
# Its symbol is λ₁.
parameter-meaningful-perturbation-l1-weight = L1 weight
    .help = The price of a cell that is deleted
    .example = At 0.001 the mask deletes less than at 0.0001, or nothing
    .unit = of probability, for a cell
# Its symbol is λ₂.
parameter-meaningful-perturbation-tv-weight = TV weight
    .help = The price of an edge between two cells
    .example = At 0.1 the mask is of few, soft pieces
    .unit = of probability, for an edge
# Its symbol is β.
parameter-meaningful-perturbation-tv-exponent = TV power
    .help = With which power of its height an edge's price grows
    .example = At 3 many low edges cost next to nothing; at 1 they cost as much as one high edge
    .unit = as an exponent
# Its symbol is m.
parameter-meaningful-perturbation-mask-size = Mask size
    .help = How fine the mask is
    .example = 28 cells on 224 pixels are 8 pixels each
    .unit = cells along a side
# Its symbol is σ_m.
parameter-meaningful-perturbation-blur = Softness
    .help = How far each cell is spread over the picture: the standard deviation of a Gaussian
    .example = At 2 the mask has no edge sharper than some cells
    .unit = of a cell
parameter-meaningful-perturbation-start = Start
    .help = What the mask deletes at first: the smallest disc in the middle that does nearly all, or nothing
    .example = With whole the mask may find several places, and may stay where it is if the gradient is small
parameter-meaningful-perturbation-iterations = Iterations
    .help = How often the mask moves
    .example = After 100 it hardly changes its place, and goes on getting smaller
    .unit = iterations
parameter-meaningful-perturbation-step-size = Step size
    .help = How far a cell moves in a step, at most
    .example = At 0.1 a cell is deleted in ten steps
    .unit = of a cell's range
# Its symbol is τ.
parameter-meaningful-perturbation-jitter = Jitter
    .help = By how many places the picture is shifted at random, each way
    .example = At 0 the mask may fit single pixels
    .unit = pixels
parameter-meaningful-perturbation-baseline = MP baseline
    .help = What a deleted pixel is replaced with
    .example = With black, a black cat on snow cannot be deleted; with blur, its outline can
parameter-meaningful-perturbation-seed = MP seed
    .help = Of the shifts
    .example = The same seed gives the same map; another one shows how much of it is chance
# Its symbol is a.
parameter-extremal-area = Area
    .help = The share of the picture that the mask keeps
    .example = At 0.05 only what matters most is left; at 0.5 half of the map is chance
    .unit = of the picture
parameter-extremal-game = Game
    .help = What the area is to do: keep the logit high alone (preserve), make it low where it is deleted (delete), or both
    .example = delete finds all of several like things, where preserve needs one
parameter-extremal-iterations = Iterations
    .help = How often the mask moves
    .example = After 200 the area is not yet the one asked for; after 800 it is
    .unit = iterations
parameter-extremal-mirror = Mirror
    .help = Show every other picture to the network in a mirror
    .example = Without it the mask fits the picture as it is, down to the pixel
parameter-extremal-baseline = EP baseline
    .help = What is not kept fades to: the picture in several blurs, or something else
    .example = With black, a black cat on snow cannot be deleted; with blur, its outline can
parameter-extremal-seed = EP seed
    .help = Of a baseline of noise
    .example = With any other baseline it changes nothing
parameter-curves-steps = Curve steps
    .help = Equal steps from nothing changed to everything changed
    .example = 50 change 16 of 784 cells at a time; 10 are quicker and rougher
    .unit = steps
parameter-curves-grid = Curve grid
    .help = Side of the grid on which the cells of every method are ranked
    .example = 7 judges where a map points to, 56 also how sharply
    .unit = cells along a side
parameter-curves-baseline = Curve baseline
    .help = What the curves replace a deleted cell with, whatever the methods' own baselines
    .example = A map that is good only on the baseline it was made with is fitted to that
parameter-curves-second-judge = Second judge
    .help = Judge every map a second time, on a baseline that it was not made with
    .example = Without it there is one area less to trust a map by, and half of the work
parameter-curves-second-baseline = Second baseline
    .help = What the second judge replaces a deleted cell with
    .example = A map that is good on grey as well is not fitted to the blur
parameter-curves-random-orders = Random orders
    .help = Orders that know nothing, judged beside the methods: what an area is worth
    .example = With 0 there is no grey line; with 10 its band is that of nearly all of them
    .unit = orders
parameter-curves-seed = Curve seed
    .help = Of the order in which equally important cells are changed, the same for every method
    .example = Areas that move much with it rest on ties

## Presets: sets of values

# Heard: the button of the menu, on which the name of the present set is written.
presets = Presets
    .help = Sets of values for a purpose, and your own
# Written there if the values are no preset's.
presets-own = Own values
# igoscope's own, by their names in flags; `.purpose` is written below.
preset-default = igoscope
    .purpose = A good map in seconds
preset-paper = Paper
    .purpose = As the paper's first program: end-point search
preset-paper-path = Paper, path search
    .purpose = As the second program: fresh noise, slow
preset-fast = Fast
    .purpose = A first look: coarser mask, half the samples
preset-fine = Fine detail 112
    .purpose = For thin or small things: 112 × 112 cells
preset-smooth = Smooth
    .purpose = For a figure: few, round pieces
preset-no-path = No path
    .purpose = Without integrated gradients, S = 1: the paper's comparison
preset-paper-pp = iGOS++ paper
    .purpose = As the authors' program: whole paths, fresh noise
# The user's.
presets-user-help = Your own values for all methods
presets-rename = Rename
    .help = Give this preset another name
# Heard: the field for that name.
presets-new-name = New name
presets-delete = Delete preset { $name }
    .help = Forget this preset
# The field for the name of a new preset, as it is heard, and what stands in it while it is empty.
presets-name = Preset name
presets-name-hint = Name for these values
presets-save = Save preset
# In place of that where there is a preset of this name already.
presets-replace = Replace

## Sample pictures: what each shows, in a word or two

sample-coffee = Coffee
sample-chelsea = Cat
sample-camera = Photographer, grey
sample-rocket = Rocket
sample-flower = Flower
sample-china = Temple
sample-astronaut = Astronaut, portrait

## The window without a picture

empty-title = Drop a picture here
empty-purpose = See which parts of it made the model decide, while I-GOS finds them
empty-samples = or try one of these

## The window's menu

window = Window
theme-system = System
    .help = Dark or light, as the system is
theme-light = Light
    .help = Dark on light
theme-dark = Dark
    .help = Light on dark
window-larger = Larger
    .words = zoom in size text
window-smaller = Smaller
    .words = zoom out size text
window-usual-size = Usual size, now { $percent }
window-full-screen = Full screen
    .words = maximise f11
window-commands = Commands…
# A button in the bar at the bottom: whether the panel at the right is there.
window-side = Panel
    .help = Show the panel at the right, or hide it; its edge can be dragged
# In its place while the window is laid out for a projector.
window-leave-presenting = Leave presenting

## The menu of devices

# Heard.
device = Device
    .help = Where the model computes; a change ends the run under way
# $why is the device's own word for it, in English.
device-unavailable = { $device } cannot be had: { $why }
device-threads =
    { $count ->
        [one] { $count } thread
       *[other] { $count } threads
    }
# Hover texts of f32, f16 and bf16.
precision-f32 = Single precision
precision-f16 = Half precision: less memory, and faster on most cards; areas move by less than 0.01
precision-bf16 = Brain floating point: as half precision, with fewer bits and a wider range

## The system's dialogs

dialog-open = Open pictures or a model
dialog-model = Open a model's weights, or the manifest that describes them
dialog-names = Open a text file with the names of the classes, one a line
dialog-save = Save this run in a folder
dialog-chart = Save this chart
# Kinds of files.
dialog-pictures = Pictures
dialog-models = Models
dialog-texts = Texts
dialog-all-files = All files

## A field for a path, where the system has no dialogs

# The field's title is the dialog's. Said above it.
path-why = No dialog for files can be had here: there is neither a desktop portal nor zenity. Type or paste the path instead
# The field, as it is heard, and what stands in it while it is empty.
path = Path of a file or folder
    .hint = /home/me/picture.jpg
# Buttons.
path-open = Open
path-save = Save
path-leave = Cancel

## Dropping and pasting

# Over the whole window while files are held over it.
drop-here = Drop pictures, a folder or a list of them, a model's weights, or the names of its classes
# Errors begin small; a capital is made of it.
drop-no-folder = a model must be dropped from a folder of this computer: { $file }
drop-one-list = one list of pictures is opened at a time, so this was left out: { $file }
drop-one-model = one model with one file of names is hosted at a time, so this was left out: { $file }
drop-unreadable = the dropped file cannot be read: { $why }: { $file }
drop-nothing = nothing of what was dropped can be opened: drop a picture, a model's file, or a folder of them
link-on-the-web = igoscope fetches no pictures: save this one, and open the file: { $address }
link-elsewhere = this file is on another computer: copy it to this one, and open the copy: { $address }
paste-unreadable = the clipboard cannot be read: { $why }
paste-no-picture = the clipboard holds no picture: copy a picture, a picture file, or the path of one
# The rest is for the log. Wayland, XWayland and X11 are names; $why is one of the two below, $variable is the name of an
# environment variable.
window-system-x11 = Opened by XWayland, as nothing could be dropped on a window of Wayland: { $why }. { $variable }=wayland keeps Wayland
window-system-no-drops = Nothing can be dropped on the window: { $why }. Open, Paste and the command line take files
window-system-no-drags = the compositor has no { $protocol }
window-system-silent = the compositor does not answer ({ $why })
window-system-unknown = { $variable } is wayland or x11, and not { $value }

## The filmstrip: the opened pictures at the left

# Heard: the cross in a picture's corner.
filmstrip-close = Close { $picture }
    .help = Close this picture and forget its runs
# Heard: the place below the last picture.
filmstrip-add = Add pictures
    .help = Drop pictures, a folder or a list of them (CSV, TSV or text: path, label) anywhere, or click to choose
# Written there, small.
filmstrip-drop = Drop more

# Heard, and below a picture, small: the class that the model takes it for, and how probable that is.
filmstrip-predicted = { $class } { $answer }

## The table of a folder's pictures

# A button in the bar at the top.
table-open = Table ({ $pictures })
    .help = Every picture that was opened together: what the model takes it for, which are wrong, and what came of each method
# Beside the folder's name.
table-pictures = { $pictures ->
        [one] { $pictures } picture
       *[other] { $pictures } pictures
    }
table-classified = { $done } of { $all } classified
table-wrong = { $wrong } of { $labelled } wrong
table-guess = labels are a guess
table-old = of other parameters
    .help = These results were made with other parameters than those of now. Explain all begins anew with these; those stay on the disk
# Heard: the cross at the right.
table-close = Close the table
    .help = Back to the picture
# Buttons.
table-report = Report
    .help = Write tables and an HTML page of what is finished: means with intervals, methods in pairs, the best, the worst and the most wrong pictures
table-figure = Figure
    .help = Draw the chosen pictures with their maps as a figure for print (PDF, SVG, PNG), and the caption as text. The first three if none are chosen
# Heard and hovered: a button beside “Figure” that opens a menu.
figure-menu = How the figure is drawn
# Above three choices, of which one holds.
figure-scale = Colours are relative to
figure-scale-own = each map's own largest value
    .help = The number is below each map
figure-scale-shared = the largest value of each method
    .help = One scale for the maps of a column, with its number below them
figure-scale-one = the largest value of all maps
    .help = One scale for the whole figure: it says something only where the methods' values mean the same
# Before a number of millimetres.
figure-width = Width
# After that number.
figure-millimetres = { " " }mm
# Hovered: the name of a journal or of a series of proceedings, as authors write it.
figure-journal = The width of one column there, or of two
# Above a box for each method that the results have.
figure-methods = Methods, a column each
figure-names = The pictures' names
    .help = In small letters beside each picture, and in the caption
figure-device = The device, in the caption
    .help = What the maps were made on
# Heard: the box before a picture's name.
table-choose = Choose { $picture }
    .help = Choose it for a figure
table-explain = Explain all ({ $pictures })
    .help = Explain the pictures that are shown, one after the other, in this order, with the methods and parameters of now. The picture you look at goes first, and what is finished is on the disk
# The queue of pictures that are explained one after the other.
queue-progress = { $done } of { $all } explained
queue-hold = Hold the queue
    .help = Begin no other picture
queue-go-on = Go on
    .help = Begin the next picture
queue-cancel = Cancel the queue
    .help = Explain no more of them; what is finished stays
# An error: the worker ended without a result.
queue-nothing-came = nothing came of it
# An error: the class that is explained is the one a picture is labelled with, and this one has none.
queue-without-label = it has no label that means a class of the model
# Heard: a field above the table, and what stands in it while it is empty.
table-search = Search pictures
    .hint = Name, label or class
table-wrong-only = Wrong only
    .help = Only pictures that the model takes for another class than they are labelled with
table-nothing-only = Nothing found
table-most-wrong = Most wrong first
    .help = The wrong ones only, those first whose label the model is surest that it is not
table-most-differing = Most differing first
    .help = Only the pictures that { $model } takes for other classes, those first of which the model is surest and { $model } least
table-add-beside = Second model…
    .help = Have a second model answer for the same pictures, and show where it answers otherwise
# Before the number of pictures that it takes for other classes.
table-beside = Second model { $model }
table-differing =
    { $differing ->
        [0] answers the same for all { $all }
        *[other] answers otherwise for { $differing } of { $all }
    }
table-leave-beside = No second model
    .help = Let the second model go
table-cell = { $label } taken for { $predicted }
# A box: whether the areas that insertion − deletion is of have columns of their own.
table-areas = Areas
    .help = Show the areas under the deletion and the insertion curve beside insertion − deletion of each method
# Heard: a list of the classes, to show the pictures of one only. Below, what it says.
among = Class
    .help = Show only the pictures that are labelled with a class or were taken for it
among-all = All classes
among-class = { $class } ({ $pictures })
# Also heard: the names of the confusion matrix's rows and columns, which do the same.
among-labelled = labelled { $class }
among-predicted = taken for { $class }
# Heard: the cross beside it.
among-leave = Show all classes
table-shown = { $shown } shown
# Heard: a column's name.
table-sort = Sort by { $column }
column-picture = Picture
    .help = Its path in the folder
column-label = Label
    .help = The class it is said to be of: its folder, or what the list says
column-predicted = Predicted
    .help = The class with the highest answer
column-answer = Answer
    .help = How probable that class is, or its output
column-margin = Margin
    .help = How far that is above the next class
column-beside = Second
    .help = The class with the highest answer of { $model }; in red where it is another one
column-fall = Fall
    .help = How much less { $model } answers for the model's class than the model: negative where it is surer
column-loss = Loss
    .help = −ln of the probability of the label's class: 0 is sure and right
column-method-help = Insertion − deletion of { $method }: the more, the better; ≈ is no better than a random order
# Areas under a method's curves, beside insertion − deletion of it.
column-deletion = Deletion
    .help = Area under the deletion curve of { $method }: the less, the better
column-insertion = Insertion
    .help = Area under the insertion curve of { $method }: the more, the better
table-state = State
    .help = Whether it is explained, waits, or failed
table-found-nothing = nothing
table-as-chance = no better than a random order
# Where a picture stands, beside its row and below its thumbnail, and heard with it.
state-failed = failed
state-running = running, { $share } %
state-done = done
state-waiting = waiting
# Beside the table: a row a label, a column a class that pictures were taken for.
confusion = Confusion matrix
confusion-help = A row a label, a column a predicted class: click a number, a row or a column to see its pictures
# Above it, where there are more classes than it has room for.
confusion-left-out = The { $drawn } classes with most pictures. { $others ->
        [one] 1 other class has no row
       *[other] { $others } other classes have no row
    }: { $pictures ->
        [one] 1 picture is not counted here
       *[other] { $pictures } pictures are not counted here
    }
# Heard, and hovered.
confusion-cell = { $label } taken for { $predicted }: { $pictures }

## The line above a sample that the window opened with

welcome = Drop your own pictures anywhere
welcome-choose = Choose…
welcome-sample = This is a sample
# Heard.
welcome-close = Close the welcome
    .help = Do not show this now

## Messages and their log

log-count =
    { $count ->
        [one] { $count } message
       *[other] { $count } messages
    }
# Heard.
log-close = Close log
log-copy = Copy all
# A line of the copied text.
log-error = error: { $text }
# The button at the end of an error, across the top of the window.
error-dismiss = Dismiss
# The same button where there are several, each in a line.
error-dismiss-all = Dismiss all { $count }
# Behind an error about a model that was chosen: the one before answers on; or, where there is none, a button for one.
# The button beside it is `command-models`.
error-model-stays = { $model } stays in use
error-model-use = Use { $model }
    .help = The model that is part of igoscope
# Heard: the cross of a message at the wall's corner.
toast-dismiss = Dismiss: { $text }
    .help = Take this off; it stays in the log

## The view: how maps are drawn

view = View
view-reset = Reset view
view-charts = Charts
    .help = Show the charts beside the pictures
# A menu of the tiles.
view-tiles = Tiles
view-show-tile = Show { $title }
# Kinds of methods in that menu.
family-masks = Masks
family-gradients = Gradients
family-activations = Features (CAM)
family-answers = Answers only (black box)
family-attention = Attention
family-loaded = Of other programs
# Styles: three buttons beside each other, with room for some 11 letters each.
view-overlay = Overlay
    .help = The map over the picture
view-heatmap = Heatmap
    .help = The map alone
view-wipe = Wipe
    .help = The picture at the left of a line, the map over it at the right; drag the line
view-contour = Contour
    .help = A line around the most important cells
view-only-top = Only top
    .help = The most important cells; the rest is blurred as for the insertion curve, and the model looks at it
view-all-but-top = All but top
    .help = All but the most important cells; those are blurred as for the deletion curve, and the model looks at it
view-colormap = Colour map
# Its symbol is k.
view-share = Top share
    .help = How many of the cells count as the most important ones, as the curves rank them
# Hover text of the marks at the top share: a method's name and its share follow, for each method.
view-share-keeps = Enough for 90 % of the score:
view-share-halves = Enough to halve it:
view-opacity = Opacity
    .help = How strongly the map covers the picture

## The size of the pictures that a model sees, below the list of models

input-size = Input size of { $model }
    .help = Width and height of the pictures that { $model } sees, in pixels
# Heard: a button with $size on it. Behind the last of them stands `input-size-pixels`.
input-size-choice = Input size { $size }
input-size-pixels = pixels
# Hover texts. $why is said in English.
input-size-own = { $size } pixels, its own size
input-size-other = { $size } pixels: finer maps, but it was trained for { $own }
input-size-refused = { $model } cannot take pictures of { $size } pixels: { $why }
# Of a network of which nothing says the size.
input-size-open = It was made for pictures of { $size } pixels
input-size-no-model = No model is loaded

## The names of an own model's classes, below the list of models

# $names is a list of the first of them.
class-names =
    { $count ->
        [one] { $count } class: { $names }
       *[other] { $count } classes: { $names }
    }
class-names-choose = Name them…
    .name = Name the classes
    .help = By a text file with one name a line, in the order of their numbers; it can be dropped on the window as well
class-names-reset = Its own names
    .help = Call the classes as they came with the model, not as in { $file }

## What was understood of a network in a file of its own, ONNX or .pt2, below the list of models

graph-facts = What was understood of { $file }
# A small button at the end of that line, and what stands beside it and in its hover text once that is done. $manifest is a
# file's name.
graph-remember = Remember
    .help = Write what you said of it into { $manifest } beside the file, so that it is not asked again
    .refusal = There is nothing to remember: choose what the file does not say, even where it is what is taken already
graph-remembered = Remembered in { $manifest }
# At the name of a fact that nobody said. Some 8 letters. `.name` is heard.
graph-guess = a guess
    .name = { $fact }: a guess
    .help = Nothing says it: choose what is right
# Names of facts, some 14 letters each, with their hover texts.
graph-made = Made by
    .help = The program that wrote the file, and the file's nodes and parameters
# $by is a program with its version and that of the operations (opset).
graph-made-words = { $by }, { $nodes } nodes, { $parameters } parameters
graph-operations = Operations
    .help = What its nodes do, the most frequent ones first
graph-input = Input
    .help = The input that is the picture
graph-size = Input size
    .help = Width and height of the pictures that it sees, in pixels
# A field for another size, as it is heard and hovered.
graph-other-size = Another size, in pixels: a number for a square, or width x height, such as 128x256; Enter takes it
    .refusal = A size is a whole number of pixels, or two: 128x256 is 128 wide and 256 high
# What stands in a field while it is empty.
graph-other = other
graph-output = Output
    .help = The output that is the classes
graph-head = Head
graph-normalisation = Normalisation
    .help = How pixels become the network's numbers: the mean is subtracted from pixels from 0 to 1, and the rest is divided by the standard deviation (std)
# Buttons: usual normalisations, by the numbers that the network sees.
graph-imagenet = ImageNet's
graph-pixels = 0 to 1
graph-signed = −1 to 1
graph-bytes = 0 to 255
graph-other-numbers = Other…
    .help = Type a mean and a standard deviation (std), a number each for every channel, such as three for red, green and blue, or one for all
# $mean and $std are numbers. Std, the standard deviation, is called as in flags and manifests.
graph-numbers = mean { $mean }, std { $std }
# Before fields for these, and as they are heard and hovered; behind them a button that takes what was typed.
graph-mean = Mean
graph-std = Std
graph-take-numbers = Take
graph-classes = Classes
    .help = The names of its classes
graph-computed = Computed as
    .help = Layers, as the networks that are built in, or operations, one by one
graph-layers = CAM layers
    .help = The layers whose features class activation maps can read, the last one first

## Tiles: the pictures on the wall

tile-original = Original
# Heard: a tile's title line. $title is a method or `tile-original`.
tile-named = { $title } tile
# Its hover text, also while no other tile is there.
tile-help =
    Double click to give this tile the whole wall
    Drag it to another place
    Right click to hide it
tile-alone-help = Bring the other tiles back; a double click on this line does it too
# Its menu.
tile-enlarge = Enlarge
tile-show-all = Show all tiles
tile-hide = Hide
# Heard: the picture. $words is the picture's name, or how far the method is.
tile-picture = { $title }, { $words }
# At the right of a method's title, and on its picture while there is no map: how far it is. Some 20 letters.
tile-waiting = Waiting
tile-working = Working
tile-stopped = Stopped
tile-failed = Failed
tile-not-asked = Not asked for
tile-first-iteration = Iteration 1 of { $all }
# What is on the wall is of an earlier question: another run was asked for and has nothing to show yet, or an earlier run
# was put there. At the right of titles, below tiles and in the timeline; some 20 letters. $run is `run-title`.
tile-previous = previous result
tile-earlier = earlier: { $run }
# $time is as 4.2 s.
tile-done =
    { $count ->
        [one] { $count } iteration · { $time }
       *[other] { $count } iterations · { $time }
    }
# Below a tile, before a number. See also `deletion` and `insertion`, and the scores.
tile-objective = Objective
# Below the original, before the probability of the class that another is explained rather than.
tile-against = rather than { $class }
# On the picture of a method that found nothing, in the list of runs, and heard. $why is one of those below.
nothing = Found nothing: { $why }
nothing-blank = the picture is the same everywhere
nothing-unsure = the model is not sure of this picture
nothing-no-class = the model sees none of its classes in this picture
nothing-saturated = the probability is so near to 1 that nothing moves it
nothing-unmoved = the search moved nothing by more than rounding
nothing-not-lowered = deleting what the mask deletes does not lower the score
nothing-ties = all places are equally important
nothing-rounding = the score moves by no more than rounding
nothing-chance = two halves of the random masks tell other things
nothing-refused = the method has nothing to say of this network
# Buttons below that: what may find something. $parameter is a row of the panel at the right.
remedy-score = Try the score: { $score }
remedy-parameter = Try { $parameter } { $value }
# Heard: such a button, $words.
remedy = { $method }: { $words }
    .help = Explain again so that { $method } may find something
# A picture of which everything is deleted, at the beginning of a sentence.
picture-blurred = The blurred picture
picture-black = The black picture
picture-grey = The grey picture
picture-white = The white picture
picture-noise = The picture of noise
# In the corner of a picture with a line around its most important cells.
tile-outline = top { $share }
    .name = { $method }, outline of the top { $share }
# Heard: the line between the picture and the map over it.
tile-wipe = { $method } wipe line
# Heard: what can be dragged between tiles and charts.
wall-gap = Between tiles and charts
    .help = Drag to give tiles or charts more room; double click for the largest tiles

## The list of models

# The field to search in, as it is heard, and what stands in it while it is empty.
models-search = Search models
    .hint = Search by name or licence
models-none = No model has such a name or licence
# Above the list, and below it, when a model is chosen that judges the maps of the one that is explained.
models-judge = A second network to judge the maps
    .help = It sees the same part of the picture, and says how probable the same class is
models-beside = A second model beside the first
    .help = It answers for the same pictures, and its maps can stand beside those of the first
models-beside-by = { $model } stands beside the model
models-unbeside = No second model
models-judged-by = { $model } judges every map as well
models-unjudge = No second network
# Below the list, before a button for each architecture that a file's weights fit.
models-twins = These weights fit:
    .help = Their tensors are the same for each of these networks, and their answers are not: choose the right one
# Below the list, before a button for each thing that the outputs of a file's network can mean, which are `head-softmax` and
# those below it.
models-head = Its outputs mean:
    .help = What the numbers of the last layer are: a file beside the weights may say it, and no tensor does
# In its place where nobody said it.
models-head-guess = A guess is what its output means:
# Below the list, before a button for each state dict (PyTorch's word for weights by their names) of a file that has several.
models-state-dicts = The file has these weights:
    .help = Several state dicts of one network, such as the weights and their moving average: choose the right one
# The heads of the columns. There is room for some 8 letters but in the first and the last one.
models-title = Model
models-size = Size
    .help = Of the weights, in single precision
# Top-1 is the field's word for it in most languages.
models-top1 = Top-1
    .help = Share of ImageNet's validation pictures that it classifies rightly, from { $source }
models-licence = Licence
    .help = Of the weights
models-place = On this computer
    .help = From { $hub }, kept in { $cache }
# Where a model is. $size is as 97.8 MB. While a row is pointed at, `.help` stands in its place.
models-in-use = In use
models-file-in-use = In use: { $model }
# Where a model is that is in use, but not for what the list is open for.
models-judges = Judges the maps
models-explained = Explained
models-stands-beside = Stands beside
models-loading = Loading
models-asking = Asking the hub
# It comes with the program.
models-inside = Part of igoscope
models-checking = Checking
models-part = { $size } of it
    .help = { $size } of it: choose it to fetch the rest
models-elsewhere = Not here
    .help = Not here: choose it to fetch it
# The row of the user's own model while that is in use. While it is pointed at, `.help` stands in its place: the first
# classes' names, and the whole path of the file.
models-own = In use: { $file }
    .help = { $names } — { $file }
# In its column of licences: some 12 letters.
models-own-classes =
    { $count ->
        [one] { $count } class
       *[other] { $count } classes
    }
# The last row. $weights and $manifest are endings of files' names.
models-file = A file of your own…
    .help = A network or weights ({ $weights }), or a manifest ({ $manifest })
# Buttons below the message that a model could not be fetched, and beside it across the top.
models-again = Try again
    .help = Go on with the download where it was
models-file-instead = Choose a file…
    .help = Take weights that are on this computer
# What came of comparing it with its checksum. $place is `models-in-use`, or its size.
models-intact = { $place }, intact
models-damaged = { $place }, damaged
models-unchecked = { $place }, no checksum
# Buttons at the end of a row, small; `.name` is heard.
models-remove = Remove
    .name = Remove { $model }
    .help = Take it off this computer
    .refusal = The model in use cannot be removed: choose another one first
models-remove-sure = Remove { $size }?
    .name = Remove { $size }? { $model }
models-keep = Keep
    .name = Keep { $model }
models-stop = Stop
    .name = Stop fetching { $model }
models-verify = Verify
    .name = Verify { $model }
    .help = Compare it with the checksum that it came with
# Messages.
models-gone = { $model } is not on this computer any more
models-told-intact = { $model } is what came from the hub
models-told-unchecked = { $model } cannot be checked: its checksum is not known
models-told-damaged = { $model } is damaged: remove it, and choose it to fetch it again
models-told-removed = Removed { $model }, { $size }

## Numbers with units

number-seconds = { $number } s
number-minutes = { $number } min
# Iterations a second, and seconds an iteration: in the bar at the bottom.
number-iterations-per-second = { $number } it/s
number-seconds-per-iteration = { $number } s/it
number-megabytes = { $number } MB
number-megabytes-of = { $done } of { $total } MB
number-megabytes-per-second = { $number } MB/s

## The menu of files that were opened before

recent = Recent
    .help = Pictures that were opened before
recent-none = No file was opened yet
# Beside a file's name.
recent-missing = missing
recent-forget = Forget these
# A menu of what the window opens with.
start = At the start, open
start-sample = A sample
start-last = The last picture
start-nothing = Nothing
# A menu of what is done with the colour profiles (ICC) of pictures that are opened from now on.
profiles = Colour profiles
    .help = Of pictures that are opened from now on. Networks were trained on sRGB; PyTorch's usual loading takes the numbers as they are stored.
profiles-convert = Convert to sRGB
profiles-ignore = Ignore

## The bar at the top

open = Open…
    .help = Choose pictures to explain
paste = Paste
    .help = Explain a picture from the clipboard
samples = Samples
run = Run
    .help = Explain this picture again
run-pause = Pause
    .help = Hold the run
run-resume = Resume
    .help = Let the run go on
# In its place where the run was stopped.
run-go-on = Go on
    .help = Go on where the run was stopped; what is finished is not computed again
run-stop = Stop
    .help = End the run and keep what it has
# Heard: the button of the list of models, on which the model's name is written, or one of the three below.
model = Model: { $model }
    .help = Choose another model
model-fetching = Fetching the model
model-lacking = Choose a model
model-loading = Loading the model

## The list of runs

# The tab at the right.
runs = Runs
# What a run is called, here and in comparisons.
run-title = Run { $number }
# At the end of the tabs, where there are two at least.
runs-count =
    { $count ->
        [one] { $count } run of this picture
       *[other] { $count } runs of this picture
    }
runs-none = Open a picture: each of its runs is kept here, to be shown again and compared
runs-compare = Compare
    .help = Maps, areas and parameters of the two pinned runs beside each other
# $count is 0, 1 or 2.
runs-pinned =
    { $count ->
        [0] Pin two runs to compare them
        [1] Pin one more to compare them
       *[other] Two runs are pinned
    }
# $count is 30, $mebibytes 256.
runs-kept = The newest { $count } runs of a picture are kept, { $mebibytes } MiB for all pictures
# Hover texts of a run.
runs-show = Put this run on the wall
runs-shown = This run is on the wall
# Heard: the pin beside a run. $run is `run-title`.
runs-pin = Pin { $run }
    .help = Keep this run to compare it
runs-unpin = Unpin { $run }
    .help = Let it go
# The field for a note, as it is heard, and what stands in it while it is empty.
runs-note = Note
    .hint = Note on this run
# Three buttons beside each other.
runs-rerun = Rerun
    .help = Explain again with this run's parameters and class
runs-adopt = Use its values
    .help = Go on from this run's parameters and class
runs-delete = Delete run
    .help = Forget this run
# A run's first line, with $against, the class that $class is explained rather than, and without.
runs-heading = { $run } · { $class }
runs-heading-against = { $run } · { $class }, not { $against }
# At its end in place of the time that it took.
runs-under-way = under way
runs-stopped = stopped
runs-failed = failed
# Its second line: what is not as it usually is. $named is a list as `λ₁ 0.1, m 56`; $crop is a crop's name in run.json.
runs-defaults = default values
runs-crop = crop { $crop }
runs-more = { $named } and { $count } more
# Its third line.
runs-result =
    { $count ->
        [one] deletion { $deletion }  insertion { $insertion }  { $count } iteration
       *[other] deletion { $deletion }  insertion { $insertion }  { $count } iterations
    }

## The menu of what is saved

save = Save
    .help = Save maps, curves and numbers in a folder
# Heard, and hovered: the arrow beside it.
save-menu = What is saved, and copied
# Hover text of the bar beside it while files are written.
save-progress =
    { $count ->
        [one] Saving, { $done } of { $count } file
       *[other] Saving, { $done } of { $count } files
    }
save-cancel = Cancel saving
# What is saved.
save-figure = Figure
    .help = The whole comparison with its curves, as PNG and SVG
save-report = Report
    .help = Everything in one HTML file that needs no other
save-animation = Animation
    .help = The optimisation, iteration by iteration
# Hover texts of GIF and APNG.
save-gif = 256 colours, shown by everything
save-apng = Every colour, larger, shown by browsers
save-captions = Captions
    .help = Method, class, areas and main parameters below each map
# Before 1×, 2×, 3×, 4×.
save-size = Size
    .help = Pixels of a picture for each that the model sees
save-choose = Choose a folder…
    .help = The maps, masks, curves and run.json are saved in any case
# A head, and heard: a button below it. $title is a method or `save-figure`.
copy = Copy as a picture
    .name = Copy { $title }
copy-no-map = there is no such map

## The bar at the bottom

# What is being done, at the left.
status-ready = Ready
status-opening = Opening
status-starting = Starting
status-paused = Paused
status-iteration = { $method }, iteration { $number } of { $all }
# While the wall is of an earlier question: what the run is about. $work is one of the others.
status-for = { $class }: { $work }
# The method's curves are being drawn.
status-curves = { $method }, curves
# What every area is held against is being judged: random orders, and the same maps on another baseline.
status-random = Random orders
status-second = Second judge
# $time is as 12 s.
status-left = { $time } left
# Hover text of the button `log`.
status-log-help = Show all messages
fetching = Fetching { $model }
fetching-stop = Stop fetching
    .help = End the download; what has come is kept

## What is explained, at the upper right

target = Class to explain
target-output = Output to explain
target-none = Open a picture to see what the model makes of it
# A class that is explained rather than another; cut where there is no room.
target-other-model = What is on the wall was answered by another model: { $model } has not been asked about it yet
target-contrast = { $class } rather than { $against }
    .help = { $class } rather than { $against }: the difference of the two scores is explained
# A warning below the classes, where areas say little. $picture is `picture-blurred` or another one, $share a probability.
baseline-still = { $picture } still is { $class } ({ $share }): deletion cannot get lower
    .help = Another curve baseline, among the parameters of the curves, may say more
baseline-much = { $picture } still has { $share } of { $class }: deletion cannot get lower
# The button that takes that back.
target-clear = Clear
# Heard: the choice of what is explained of the class, also in the comparison. $meaning is a score's help, which follows a
# colon. $measure is output where the model answers with quantities.
score = Score
    .help =
        What is explained of the class: { $meaning }
        { $measure ->
            [output] The curves show it, too.
           *[probability] The curves always show its probability.
        } The weights λ₁ and λ₂ are made for probabilities: other scores move further, and may want larger ones.
# Scores; also below a tile, before a number.
score-probability = Probability
    .help = its share of 1 among all classes, as in the paper
    .alone = that it is there, whatever the others are
score-logit = Logit
    .help = its own number before a probability is made of it
score-log-probability = Log-probability
    .help = the logarithm of its probability, which goes on moving near 0 and 1
score-output = Output
    .help = the model's number as it is
# Below a tile, where a class is explained rather than another.
score-probability-difference = Probability difference
score-logit-difference = Logit difference
score-log-probability-difference = Log-probability difference
score-output-difference = Output difference

## The timeline, below the wall

# Buttons that are heard; also commands.
timeline-back = Previous iteration
timeline-on = Next iteration
timeline-play = Play
    .help = Play through the iterations
timeline-stop = Stop playing
    .help = Stay at this iteration
timeline-loop = Loop
    .help = Begin again at the end
timeline-speed = Speed
    .help = How fast iterations are played
timeline-slider = Iteration
# A button at the right.
timeline-newest = Newest
    .help = Show the newest iteration, and follow the run
# In its place once the method is finished.
timeline-best = Result
    .help = Show the iteration that is the method's result: the best by what it makes small
# Beside `iteration-of`, at that iteration.
timeline-is-best = best
    .help = This mask is the method's result: the best by what it makes small
timeline-none = no iteration
# The last line of what is said of the iteration on the wall, below its numbers.
timeline-time = in { $time }
# Heard: the list of methods whose iterations can be on the timeline, where there are several.
timeline-method = Method on the timeline
    .help = Whose iterations are on the timeline and in the chart

## What the window tells: in the log, some at the wall's corner or across the top

told-opened = Opened { $picture }, { $width } × { $height } pixels
told-queue-done = Explained { $pictures } pictures of the folder
told-queue-stays = The { $pictures } pictures are opened beside the table and not in it, as its pictures are being explained: open them again when that is done
# $what is the name of a parameter or the like, as JSON has it.
told-other-results = These results are of something else than what is asked for here: { $what } is { $there } there and { $here } here. They are shown as they are
told-figure = A figure, as PDF, SVG and PNG with its caption, is in { $file }
# A button in what is said of something that was saved.
toast-open = Show the folder
toast-not-open = no program for folders can be started ({ $why }): { $folder }
# $what is a run.json.
told-reopened = Opened a saved run: { $what }
told-other-model = This run was made with the model { $model }, and { $hosted } is hosted: choose that model (Ctrl+M) to have the same numbers
told-other-picture = The pixels of { $what } are not those that this run was made with: its numbers will be others
told-other-weights = This run was made with other weights of { $model } than those that are hosted: its numbers will be others
told-reported = Tables and report.html are in { $folder }
# $profile is the name that a colour profile has for itself, such as "Display P3".
told-opened-converted = Opened { $picture }, { $width } × { $height } pixels, colours converted from { $profile } to sRGB
told-explained = Explained { $picture } in { $seconds } s
# $why is `nothing-ties` or another one.
told-explained-nothing = Explained { $picture } in { $seconds } s; { $method } found nothing: { $why }
told-explained-and-judged = Explained { $picture } in { $seconds } s; { $method }: deletion { $deletion }, insertion { $insertion }
told-stopped = Stopped { $picture } after { $seconds } s
told-named = The classes of { $model } are called as in { $file }
# $words is `model-words`.
told-ready = { $model } is ready on { $device }: { $words }
told-remembered = What was said of the network is in { $file }, which is read with it from now on
# $why is in English.
told-not-remembered = It cannot be written what was said of the network: { $why }: { $file }
# $guess is a sentence in English.
told-guess = { $guess }: choose below the list of models (Ctrl+M)
told-beside-ready = { $model } stands beside the model
told-judge-ready = { $model } judges every map as well
told-fetch-stopped = Stopped the download; what has come is kept, and the next one goes on from there
# HF_TOKEN is the name of a variable.
told-without-token = The hub refuses HF_TOKEN, which is expired, revoked or mistyped: the model is fetched without it
told-saved-in = Saved in { $folder }
# $methods is a list of their titles.
told-saved-replacing = Saved in { $folder }, in place of an earlier run, whose results of { $methods } are gone
told-saved = Saved { $file }
told-saving-cancelled = Saving was cancelled; what was written is in { $folder }
# $what is a method's name, whose map is copied, or `copied-figure`.
told-copied = Copied { $what }, { $width } × { $height } pixels
copied-figure = the figure
copied-comparison = the comparison
# Errors begin small; a capital is made of it.
told-no-sample = no sample is called “{ $name }”: there are { $names }
told-no-room = the open pictures take { $gibibytes } GiB, and there is no room for more. Close some: { $picture }
no-thread = no thread can be started: { $why }
# What a model is, also the hover text of its name: $weights is one of the three below.
model-words =
    { $count ->
        [one] { $count } class, pictures of { $size } pixels, { $weights }
       *[other] { $count } classes, pictures of { $size } pixels, { $weights }
    }
# What the outputs of a model mean: buttons, and at the end of that.
head-softmax = one class of all (softmax)
head-sigmoid = each class for itself (sigmoid)
head-binary = a class or its opposite (binary)
head-regression = quantities (regression)
# Where nobody said it. $head is one of those.
head-guessed = taken for { $head }
# How a picture becomes those, in the same hover text. $filter is bilinear, bicubic or lanczos.
model-cut = The shorter side is resized to { $resize } pixels, { $filter }, and the middle is cut
model-cut-squash = Both sides are resized, { $filter }
model-weights-embedded = weights that come with igoscope
model-weights-hub = weights from { $name } on the Hugging Face hub
model-weights-file = weights in { $file }
# One of several state dicts in a file. $weights is the message above.
model-weights-state-dict = state dict { $name } of the { $weights }

## Whether a map is to be trusted: a page over the window

# The page's title, and what opens it.
trust-title = Is a map of { $method } to be trusted?
    .words = trust metrics faithful sanity robust measure quality
method-trust = To be trusted?
    .help = What measures say of its map on the wall
trust-measure = Measure
    .help = Measures this map by every metric; it takes about as long as { $passes } passes through the network
trust-measuring = Measuring: { $share } %
trust-no-map = There is no map of it on the wall
trust-nothing = Found nothing: { $why }
trust-areas = Deletion { $deletion }, insertion { $insertion }
trust-better-than-random = Better than every random order
# In place of a number.
trust-unmeasured = not measured
trust-no-value = It has no value for this map: nothing is marked, or there are no differences
# After the range of a number.
trust-higher = higher is better
trust-lower = lower is better
# Below maps of networks that have forgotten what they learned.
trust-stays = It looks much the same when the network has forgotten everything: it shows the picture rather than what the network has learned.
trust-changes = It changes as the network forgets: it depends on what was learned.
trust-as-learned = as learned
    .help = The map itself
trust-forgotten = The map of the network whose weights are in another order { $layers }; correlation of ranks { $ranks }
agreement = How the maps on the wall agree
    .help = Correlation of the ranks of their places; those that agree stand near each other. Maps can agree and all be wrong.
agreement-cell = Correlation of ranks { $ranks }; { $top } of the most important fifth are the same (20 % by chance)
told-marked = Marked the part in sight as the place where the thing is; the metrics of localisation are held against it
command-mark = Mark the part in sight as the thing’s place
    .words = box pointing game localisation ground truth region
command-unmark = Mark no place

## Someone else's map

map-unreadable = the map cannot be read ({ $why }): { $file }
map-without-picture = open a picture first: a map lies over one
