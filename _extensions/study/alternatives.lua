-- PDF/UA-1 wants an alternative text for every picture, and Typst stops without one. Where the author gives none the caption serves:
-- of a part of a figure its own, else that of the whole.
local function spoken(image, text)
  local own = image.attributes["fig-alt"] or image.attributes["alt"] or ""
  if own == "" and text ~= "" then
    image.attributes["fig-alt"] = text
    return image
  end
end

local function captioned(float)
  local text = pandoc.utils.stringify(float.caption_long or {})
  float.content = quarto.utils.as_blocks(float.content):walk({ Image = function(image) return spoken(image, text) end })
  return float
end

local function titled(figure)
  local text = pandoc.utils.stringify(figure.caption.long)
  return figure:walk({ Image = function(image) return spoken(image, text) end })
end

if not quarto.doc.is_format("typst") then
  return {}
end
return {
  { FloatRefTarget = captioned, Figure = titled },
  { Image = function(image) return spoken(image, pandoc.utils.stringify(image.caption)) end },
}
